import { parseDocument, readSection } from '../../src/config/document.ts';

/** The values of a section of a credentials file; empty for one that is not there. */
export function sectionOf(text: string, section: string): Record<string, string> {
  const entries = readSection(parseDocument(text, ''), section) ?? new Map();
  return Object.fromEntries([...entries.values()].map(({ key, value }) => [key, value]));
}

/** A credentials file with the values that differ from session to session taken out. */
export function plainly(text: string): string {
  return text
    .replace(/(aws_access_key_id = ASIA)\w+/g, '$1')
    .replace(/(?<=ASIA\r?\naws_secret_access_key = ).+?(?=\r?\n)/g, 'SECRET')
    .replace(/(aws_(?:session|security)_token = ).+?(?=\r?\n)/g, '$1TOKEN')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME');
}

/** The keys of a session that aws-mfa has written, as it writes them. */
export function sessionText({ expiration = '2020-01-01 00:00:00', roleArn = '' } = {}): string {
  return `assumed_role = ${roleArn === '' ? 'False' : `True\nassumed_role_arn = ${roleArn}`}
aws_access_key_id = ASIAOLDOLDOLDOLDOLD1
aws_secret_access_key = old-session-secret
aws_session_token = OLDTOKEN
aws_security_token = OLDTOKEN
expiration = ${expiration}
`;
}
