import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Asking, named } from './provider.ts';

/** Who was asked, and what its "no" means. */
export interface Service {
  /** To begin a sentence: `IAM Identity Center`. */
  readonly name: string;
  /** What to make of its own errors, and of what the SDK says by itself; undefined for what is neither. */
  refusal(said: Said): readonly [code: string, message: string, hint: string] | undefined;
}

export interface Said {
  /** The service's name of the error, such as `UnauthorizedException`; empty when it is the SDK that speaks. */
  readonly name: string;
  /** To be matched, not to be shown: it may quote a file or an answer with secrets. */
  readonly text: string;
}

/**
 * What a provider of the SDK threw, as something a person can act on. The providers put most errors into the text of
 * one of their own, so that it is from the text that they are told apart.
 */
export function providerFault(error: unknown, asking: Asking, service: Service): UserError {
  if (error instanceof UserError) return error;
  const said = read(error);
  const whole = `${(error as { code?: string }).code ?? ''} ${said.name}: ${said.text}`;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const of = `for ${named(asking)}`;
  if (/Invalid URL|Region not accepted|Region is missing/.test(whole)) {
    return new UserError(
      Exit.configuration,
      'bad-endpoint',
      `${service.name} cannot be called ${of}: an endpoint is no URL, or a region none`,
      'Look at region and endpoint_url of the profile and its services, AWS_REGION and AWS_ENDPOINT_URL….',
    );
  }
  const network = networkReason(whole);
  if (network) {
    return new UserError(
      Exit.unreachable,
      'unreachable',
      `${service.name} could not be reached ${of}: ${network}`,
      'Look at the network, the region and the proxy settings, then try again.',
    );
  }
  if (/Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/i.test(said.name)) {
    return new UserError(
      Exit.unreachable,
      'throttled',
      `${service.name} is throttling: too many calls just now ${of}`,
      'Try again in a moment.',
    );
  }
  if (
    /^(InternalServer|InternalFailure|InternalError|ServiceUnavailable|IDPCommunicationError)/.test(said.name)
  ) {
    return new UserError(
      Exit.unreachable,
      'service-failed',
      `${service.name} failed by itself ${of}: ${shown(said)}`,
      'Try again in a moment.',
    );
  }
  const refusal = notOfAws.test(said.name) || (status ?? 0) >= 500 ? undefined : service.refusal(said);
  if (refusal) {
    const [code, message, hint] = refusal;
    return new UserError(Exit.refused, code, message, hint);
  }
  return new UserError(
    Exit.unreachable,
    'not-aws',
    `What answered ${of} is not ${service.name}${status === undefined ? '' : `: HTTP ${status}`}`,
    'Look for a proxy, a login page of the network, or a wrong endpoint in between.',
  );
}

/** AWS's error, in its words. `ValidationError` quotes what it was sent, which is a token. */
export function shown({ name, text }: Said): string {
  const words = text.replace(/(?<=\bValue )'[^']*'/g, '…').trim();
  return words && words !== name ? `${printable(name, 60)}: ${printable(words, 200)}` : printable(name, 60);
}

function read(error: unknown): Said {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!/ProviderError$/.test(name)) return { name, text: message };
  const wrapped = /^(?:Failed to refresh token: )?([A-Z]\w*): (.*)$/s.exec(message);
  return wrapped?.[1] ? { name: wrapped[1], text: wrapped[2] ?? '' } : { name: '', text: message };
}

/** Names of JavaScript, of the SDK for an answer without one, and of an answer that is none of AWS's JSON or XML. */
const notOfAws = /^(Error|SyntaxError|TypeError|RangeError|Unknown|UnknownError|\w*ServiceException|\d+)$/;

function networkReason(text: string): string | undefined {
  const [code] =
    /\b(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|EADDRNOTAVAIL|EPIPE|EPROTO)\b/.exec(
      text,
    ) ?? [];
  if (code) return `${networkReasons[code] ?? 'no connection'} (${code})`;
  if (/certificate/i.test(text)) return 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE';
  if (/TimeoutError/.test(text)) return 'no answer in time';
  return /AggregateError|socket hang up/.test(text) ? 'no connection' : undefined;
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'its name is not known, is there a network?',
  EAI_AGAIN: 'names cannot be resolved, is there a network?',
  ETIMEDOUT: 'no answer in time',
};
