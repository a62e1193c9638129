// The environment, parsed once. A missing or malformed value is refused by name, with what is wrong and an example of a right one.
// Nobody else reads process.env.
import { z } from 'zod';

export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `These settings have to be corrected before BillBridge can start:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'SettingsError';
  }
}

const httpUrl = (example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
      error: `is no http(s) address, for example ${example}`,
    })
    .transform((text) => text.replace(/\/+$/, ''));

const urlOf = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `is no address of the form ${example}`,
  });

const port = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'is no port number, for example 3000' })
  .transform(Number)
  .refine((value) => value <= 65_535, { error: 'is above the highest port, 65535' });

const secret = z.string().min(8, { error: 'is too short to be a real secret (8 characters at least)' });
const text = z.string().min(1, { error: 'is empty; leave it out instead' });

const keyList = z.string().transform((value, context) =>
  value.split(',').map((entry) => {
    const [id = '', body = ''] = entry.trim().split(':', 2);
    const key = Buffer.from(body, 'base64');
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id) || key.length !== 32) {
      context.addIssue({
        code: 'custom',
        message: `is no list of id:base64 keys of 32 bytes, for example 2026a:${'A'.repeat(43)}=`,
      });
    }
    return { id, key };
  }),
);

const Environment = z.object({
  PORT: port.default(3000),
  HOST: text.default('127.0.0.1'),
  PUBLIC_URL: httpUrl('https://billing.example.com').optional(),
  DATA_DIR: text.default('./data'),
  MONGODB_URI: urlOf(
    ['mongodb:', 'mongodb+srv:'],
    'mongodb://db.example.com:27017/billbridge?replicaSet=rs0',
  ).optional(),
  REDIS_URL: urlOf(['redis:', 'rediss:'], 'redis://cache.example.com:6379').optional(),
  ROLE: z.enum(['all', 'web', 'worker'], { error: 'is none of all, web, worker' }).default('all'),
  ENCRYPTION_KEYS: keyList.optional(),

  XERO_CLIENT_ID: text.optional(),
  XERO_CLIENT_SECRET: secret.optional(),
  XERO_WEBHOOK_KEY: secret.optional(),
  XERO_SCOPES: text.optional(),
  XERO_API_URL: httpUrl('https://api.xero.com').default('https://api.xero.com'),
  XERO_IDENTITY_URL: httpUrl('https://identity.xero.com').default('https://identity.xero.com'),
  XERO_LOGIN_URL: httpUrl('https://login.xero.com').default('https://login.xero.com'),

  QBO_CLIENT_ID: text.optional(),
  QBO_CLIENT_SECRET: secret.optional(),
  QBO_WEBHOOK_TOKEN: secret.optional(),
  QBO_API_URL: httpUrl('https://quickbooks.api.intuit.com').default('https://quickbooks.api.intuit.com'),
  QBO_OAUTH_URL: httpUrl('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer').default(
    'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  ),
  QBO_AUTHORIZE_URL: httpUrl('https://appcenter.intuit.com/connect/oauth2').default(
    'https://appcenter.intuit.com/connect/oauth2',
  ),
  QBO_REVOKE_URL: httpUrl('https://developer.api.intuit.com/v2/oauth2/tokens/revoke').default(
    'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
  ),
  QBO_USERINFO_URL: httpUrl('https://accounts.platform.intuit.com/v1/openid_connect/userinfo').default(
    'https://accounts.platform.intuit.com/v1/openid_connect/userinfo',
  ),

  STRIPE_SECRET_KEY: secret.optional(),
  STRIPE_WEBHOOK_SECRET: secret.optional(),
  STRIPE_CONNECT_CLIENT_ID: text.optional(),
  STRIPE_API_URL: httpUrl('https://api.stripe.com').default('https://api.stripe.com'),

  SMTP_URL: urlOf(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com:465').optional(),
  MAIL_FROM: z
    .string()
    .regex(/@/, { error: 'is no sender, for example Harbour Books <billing@example.com>' })
    .optional(),

  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'is none of debug, info, warn, error, silent' })
    .default('info'),
  METRICS_TOKEN: secret.optional(),
  /** Rehearsals only: shifts the clock so that the demo can be played on any day. */
  CLOCK_OFFSET_MS: z
    .string()
    .regex(/^-?\d{1,15}$/, { error: 'is no number of milliseconds' })
    .transform(Number)
    .default(0),
});

export type Settings = ReturnType<typeof readSettings>;

/** Throws SettingsError with one sentence per wrong value. */
export const readSettings = (environment: Readonly<Record<string, string | undefined>>) => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
  const env = parsed.data;
  const problems = contradictions(env);
  if (problems.length > 0) throw new SettingsError(problems);

  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL ?? `http://localhost:${env.PORT}`,
    dataDir: env.DATA_DIR,
    role: env.ROLE,
    distributed:
      env.MONGODB_URI && env.REDIS_URL ? { mongodbUri: env.MONGODB_URI, redisUrl: env.REDIS_URL } : undefined,
    encryptionKeys: env.ENCRYPTION_KEYS,
    xero: {
      clientId: env.XERO_CLIENT_ID,
      clientSecret: env.XERO_CLIENT_SECRET,
      webhookKey: env.XERO_WEBHOOK_KEY,
      scopes: env.XERO_SCOPES,
      apiUrl: env.XERO_API_URL,
      identityUrl: env.XERO_IDENTITY_URL,
      loginUrl: env.XERO_LOGIN_URL,
    },
    quickbooks: {
      clientId: env.QBO_CLIENT_ID,
      clientSecret: env.QBO_CLIENT_SECRET,
      webhookToken: env.QBO_WEBHOOK_TOKEN,
      apiUrl: env.QBO_API_URL,
      oauthUrl: env.QBO_OAUTH_URL,
      authorizeUrl: env.QBO_AUTHORIZE_URL,
      revokeUrl: env.QBO_REVOKE_URL,
      userinfoUrl: env.QBO_USERINFO_URL,
    },
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      webhookSecret: env.STRIPE_WEBHOOK_SECRET,
      connectClientId: env.STRIPE_CONNECT_CLIENT_ID,
      apiUrl: env.STRIPE_API_URL,
    },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM },
    logLevel: env.LOG_LEVEL,
    metricsToken: env.METRICS_TOKEN,
    clockOffsetMs: env.CLOCK_OFFSET_MS,
    /** Values that must never reach a log line, whatever the field. */
    secrets: secretsOf(env),
  };
};

const contradictions = (env: z.output<typeof Environment>): string[] => {
  const problems: string[] = [];
  if ((env.MONGODB_URI === undefined) !== (env.REDIS_URL === undefined)) {
    problems.push('MONGODB_URI and REDIS_URL belong together: set both to run distributed, neither to run embedded');
  }
  if (env.MONGODB_URI !== undefined && env.ENCRYPTION_KEYS === undefined) {
    problems.push(
      'ENCRYPTION_KEYS has to be set in distributed mode, since all processes share it, for example 2026a:<32 bytes in base64>',
    );
  }
  if (env.MONGODB_URI === undefined && env.ROLE !== 'all') {
    problems.push(`ROLE ${env.ROLE} needs distributed mode: set MONGODB_URI and REDIS_URL, or leave ROLE out`);
  }
  if (env.SMTP_URL !== undefined && env.MAIL_FROM === undefined) {
    problems.push('MAIL_FROM has to be set with SMTP_URL, for example Harbour Books <billing@example.com>');
  }
  return problems;
};

const secretsOf = (env: z.output<typeof Environment>): string[] => {
  const smtpPassword = env.SMTP_URL === undefined ? '' : decodeURIComponent(new URL(env.SMTP_URL).password);
  const connectionPasswords = [env.MONGODB_URI, env.REDIS_URL].map((url) =>
    url === undefined ? '' : decodeURIComponent(new URL(url).password),
  );
  return [
    env.XERO_CLIENT_SECRET,
    env.XERO_WEBHOOK_KEY,
    env.QBO_CLIENT_SECRET,
    env.QBO_WEBHOOK_TOKEN,
    env.STRIPE_SECRET_KEY,
    env.STRIPE_WEBHOOK_SECRET,
    env.METRICS_TOKEN,
    smtpPassword,
    ...connectionPasswords,
    ...(env.ENCRYPTION_KEYS ?? []).map(({ key }) => key.toString('base64')),
  ].filter((value): value is string => value !== undefined && value.length >= 8);
};
