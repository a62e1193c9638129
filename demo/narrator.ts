// What the demo says while it plays: numbered scenes, lines with counts, one line that counts up while something long goes on.

export type Narrator = {
  scene(title: string): void;
  line(text: string): void;
  /** Repaints one line on a terminal; elsewhere only the last value is written, when `done` is said. */
  progress(text: string): void;
  done(): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
};

export const createNarrator = (write: (text: string) => void, isTerminal: boolean, nowMs: () => number): Narrator => {
  const startedMs = nowMs();
  let scenes = 0;
  let open = '';
  const clock = (): string => `${((nowMs() - startedMs) / 1_000).toFixed(1).padStart(5)} s`;
  const close = (): void => {
    if (open === '') return;
    write(isTerminal ? '\n' : `${open}\n`);
    open = '';
  };
  return {
    scene: (title) => {
      close();
      scenes += 1;
      write(`\n${clock()}  ${scenes}. ${title}\n`);
    },
    line: (text) => {
      close();
      write(`           ${text}\n`);
    },
    progress: (text) => {
      open = `           ${text}`;
      if (isTerminal) write(`\r${open.padEnd(100)}`);
    },
    done: close,
    table: (head, rows) => {
      close();
      const widths = head.map((cell, column) =>
        Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)),
      );
      // The first column holds words, the others figures.
      const paint = (row: readonly string[]): string =>
        row
          .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
          .join('   ');
      write(`\n  ${paint(head)}\n  ${widths.map((width) => '─'.repeat(width)).join('   ')}\n`);
      for (const row of rows) write(`  ${paint(row)}\n`);
      write('\n');
    },
  };
};
