import { printable, withoutUser } from '../printable.ts';
import type { StsEndpoint } from './endpoint.ts';

/** An answer of AWS that is no success, or none at all. */
export interface Fault {
  /** Of HTTP; undefined when nothing answered. */
  readonly status: number | undefined;
  /** AWS's code, or the network's. */
  readonly code: string;
  readonly message: string;
  /** Whether the answer named an error code: pages of proxies and login portals name none. */
  readonly known: boolean;
  readonly requestId: string | undefined;
  /** The server's clock, epoch milliseconds. */
  readonly serverTime: number | undefined;
}

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
}

export function readFault(error: unknown): Fault {
  const { name, code, message, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const date = Date.parse($response?.headers?.date ?? '');
  return {
    status,
    code: status === undefined ? (code ?? name ?? '') : name,
    // A validation error repeats what was sent, and that may be the token code.
    message: printable(
      String(message ?? '')
        .trim()
        .replace(/Value '[^']*' at 'tokenCode'/g, "Value '…' at 'tokenCode'"),
    ),
    known: !/^(Error|SyntaxError|TypeError|Unknown|UnknownError|STSServiceException|\d+)$/.test(
      name ?? 'Error',
    ),
    requestId: $metadata?.requestId,
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}

export function said({ code, message }: Fault): string {
  return message ? `${printable(code, 60)}: ${message}` : printable(code, 60);
}

/** What `--debug` shows of an answer. */
export function detailed(fault: Fault): string {
  return `HTTP ${fault.status ?? 'none'}, request ${fault.requestId ?? 'none'}: ${said(fault)}`;
}

export function where(endpoint: StsEndpoint): string {
  return endpoint.url ? `STS (${printable(withoutUser(endpoint.url), 100)})` : `STS in ${endpoint.region}`;
}
