// The two shapes in which errors arrive: the service's Fault, and the gateway's lower-case fault; 429 in the form seen in practice.
import type { Json } from '../books/input';
import type { Refusal } from '../books/refusal';

export type Answer = { readonly status: number; readonly body: Json };

export const faultOf = (refusal: Refusal): Json => ({ Error: [refusal.error], type: refusal.type });

export const faultAnswer = (refusal: Refusal, time: string): Answer => ({
  status: refusal.status,
  body: { Fault: faultOf(refusal), time },
});

const gateway = (
  status: number,
  type: string,
  message: string,
  detail: string,
  code: string,
  nowMs: number,
): Answer => ({
  status,
  body: {
    warnings: null,
    intuitObject: null,
    fault: { error: [{ message, detail, code, element: null }], type },
    report: null,
    queryResponse: null,
    batchItemResponse: [],
    attachableResponse: [],
    syncErrorResponse: null,
    requestId: null,
    time: nowMs,
    status: null,
    cdcResponse: [],
  },
});

export const tokenRefused = (nowMs: number, detail = 'Token expired'): Answer =>
  gateway(
    401,
    'AUTHENTICATION',
    'message=AuthenticationFailed; errorCode=003200; statusCode=401',
    detail,
    '3200',
    nowMs,
  );

export const appNotAuthorised = (nowMs: number): Answer =>
  gateway(
    403,
    'AUTHORIZATION',
    'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
    'The application is not authorized for this company',
    '3100',
    nowMs,
  );

export const userNotAuthorised = (realmId: string, time: string): Answer => ({
  status: 401,
  body: {
    Fault: {
      Error: [
        {
          Message: 'Authorization Failure',
          Detail: `AuthorizationFailure: Unable to authorize user for realm: ${realmId}`,
          code: '120',
          element: '',
        },
      ],
      type: 'AuthorizatonFault',
    },
    time,
  },
});

export const throttleFault = (code: '3001' | '003001' = '3001'): Json => ({
  Error: [{ Message: 'message=ThrottleExceeded; errorCode=003001; statusCode=429', Detail: '', code }],
  type: 'SystemFault',
});

export const throttled = (time: string, code?: '3001' | '003001'): Answer => ({
  status: 429,
  body: { Fault: throttleFault(code), time },
});
