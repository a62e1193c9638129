// Structured logs, one JSON object a line, redacted by path and by known secret before anything is written.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFields = Readonly<Record<string, unknown>>;
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  with(fields: LogFields): Logger;
};

const RANK: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40, silent: 99 };
const SECRET_KEY =
  /(authorization|cookie|password|passwd|secret|token|api_?key|credential|signature|private|client_?id|refresh|access|set-cookie|email|phone|address)/i;
const MAX_DEPTH = 6;
const MAX_TEXT = 2_000;

const redact = (value: unknown, depth: number): unknown => {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (depth >= MAX_DEPTH) return '[deep]';
  // Vendor errors carry requests with bearer tokens: only these three fields of any error are ever written.
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1));
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        SECRET_KEY.test(key) ? '[redacted]' : redact(inner, depth + 1),
      ]),
    );
  }
  return undefined;
};

export type LoggerOptions = {
  readonly level: LogLevel;
  readonly now: () => Date;
  readonly write: (line: string) => void;
  /** Values that must never appear, whatever the field: replaced in the finished line. */
  readonly secrets?: readonly string[];
};

export const createLogger = (options: LoggerOptions, base: LogFields = {}): Logger => {
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 8);
  const log =
    (level: Exclude<LogLevel, 'silent'>) =>
    (message: string, fields: LogFields = {}): void => {
      if (RANK[level] < RANK[options.level]) return;
      const entry = {
        at: options.now().toISOString(),
        level,
        message,
        ...(redact({ ...base, ...fields }, 0) as object),
      };
      let line = JSON.stringify(entry);
      for (const secret of secrets) line = line.replaceAll(secret, '[redacted]');
      options.write(line);
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => createLogger(options, { ...base, ...fields }),
  };
};
