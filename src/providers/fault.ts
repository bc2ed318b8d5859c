import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type ErrorAnswer, isAwsCode, networkReason, notAws, quoteAnswer, wayError } from '../sts/answer.ts';
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
 * one of their own, so the text tells them apart.
 */
export function providerFault(error: unknown, asking: Asking, service: Service): UserError {
  if (error instanceof UserError) return error;
  const said = readSaid(error);
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  const whole = `${code ?? ''} ${said.name}: ${said.text}`;
  const of = ` for ${named(asking)}`;
  if (/Invalid URL|Region not accepted|Region is missing/.test(whole)) {
    return new UserError(
      Exit.configuration,
      'bad-endpoint',
      `${service.name} cannot be called${of}: an endpoint is no URL, or a region none`,
      'Look at region and endpoint_url of the profile and its services, AWS_REGION and AWS_ENDPOINT_URL….',
    );
  }
  const network = networkCode(whole);
  const measured = $metadata?.httpStatusCode;
  const status = network ? undefined : (measured ?? statusOf(said.name));
  const answer: ErrorAnswer = {
    status,
    code: network ?? said.name,
    // It may quote a token or a file.
    message: '',
    known: true,
    requestId: undefined,
    serverTime: undefined,
  };
  const isAws = said.name === '' || isAwsCode(said.name);
  const way = network || isAws ? wayError(answer, { name: service.name, of, withCode: false }) : undefined;
  if (way) return way;
  const refusal = isAws ? service.refusal(said) : undefined;
  if (!refusal) return notAws(service.name, of, measured === undefined ? undefined : `HTTP ${measured}`);
  const [word, message, hint] = refusal;
  return new UserError(Exit.refused, word, message, hint);
}

/** AWS's error, in its words. `ValidationError` quotes what it was sent, which is a token. */
export function shown({ name, text }: Said): string {
  const message = printable(text.replace(/(?<=\bValue )'[^']*'/g, '…').trim(), 200);
  return quoteAnswer({ code: name, message });
}

function readSaid(error: unknown): Said {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!/ProviderError$/.test(name)) return { name, text: message };
  const wrapped = /^(?:Failed to refresh token: )?([A-Z]\w*): (.*)$/s.exec(message);
  return wrapped?.[1] ? { name: wrapped[1], text: wrapped[2] ?? '' } : { name: '', text: message };
}

/** An error that is in the text of another has lost its status. */
function statusOf(name: string): number {
  return /^(InternalServer|InternalFailure|InternalError|ServiceUnavailable)/.test(name) ? 500 : 400;
}

/** A code of `networkReason`. */
function networkCode(text: string): string | undefined {
  const [code] = /\b(E[A-Z]+_?[A-Z]+)\b/.exec(text) ?? [];
  if (code && networkReason(code)) return code;
  if (/certificate/i.test(text)) return 'CERTIFICATE';
  if (/TimeoutError/.test(text)) return 'TimeoutError';
  return /AggregateError|socket hang up/.test(text) ? 'ECONNRESET' : undefined;
}
