// What every rehearsal server has in common: how it is started, stopped, and told to misbehave.
// The sandbox imports nothing of src/: it knows the outside systems only from their documentation.

export type SandboxOptions = {
  /** 0 (default) picks a free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** The sandbox's clock; tests and benchmarks pass a simulated one. */
  readonly now?: () => Date;
  /** Where webhooks are delivered. May be changed later by POST /_sandbox/webhook. */
  readonly webhookUrl?: string;
  /** Called once per request served; a simulated clock uses it to let network time pass. */
  readonly onRequest?: (request: { method: string; path: string }) => void;
  /** Name of the host in links that a browser follows; default `localhost`. */
  readonly publicHost?: string;
};

/** A fault that an operator or a test switches on. `times` counts down; absent means until switched off. */
export type Fault = {
  readonly name: string;
  readonly times?: number;
  /** Only requests whose `METHOD path` contains this text. */
  readonly match?: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
};

export type RunningSandbox = {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
};
