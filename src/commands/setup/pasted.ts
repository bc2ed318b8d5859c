/** What is wrong with an answer, for people; undefined for nothing. */
export type Problem = string | undefined;

/** What people paste with a key: blanks and quotes around it, a comma behind it, the name of its setting before it. */
export function cleaned(text: string): string {
  return text
    .trim()
    .replace(/^(?:export\s+)?aws_(?:access_key_id|secret_access_key)\s*=\s*/i, '')
    .replace(/^["'“”‘’`]+|["'“”‘’`,;]+$/g, '')
    .trim();
}

/** IAM: 16 to 128 letters and digits (API reference of AccessKey); a session's begins in `ASIA`, a user's in `AKIA`. */
export function idProblem(text: string): Problem {
  const id = cleaned(text);
  if (id === '') return 'Without an access key there is nothing to set up; Ctrl-C ends this';
  if (/^ASIA/.test(id)) return 'ASIA… is the key of a session that ends; wanted is the long-term key, AKIA…';
  if (/\s/.test(id))
    return 'There is a blank in it: an access key ID is one word of 20 letters and digits, AKIA…';
  if (/[+/]/.test(id) && id.length === 40) {
    return 'That looks like the secret access key, which is asked for next; here the ID is wanted, AKIA…';
  }
  if (/^\w{16,128}$/.test(id)) return undefined;
  return `An access key ID has 20 letters and digits, AKIA…; ${/^\w*$/.test(id) ? `this has ${id.length}` : 'this has other characters'}`;
}

/** The secret itself is in none of the texts. */
export function secretProblem(text: string, accessKeyId: string): Problem {
  const secret = cleaned(text);
  if (secret === '') return 'That was nothing; paste the secret access key that belongs to the ID';
  if (secret === accessKeyId)
    return 'That was the access key ID again; the secret is the longer one of the two';
  // A blank or a control character breaks the signature, and STS's answer would show the key.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    return 'There is a blank in it, or a character that no secret has: copy it again, all of it on one line';
  }
  return undefined;
}

/**
 * The path that was typed, or dragged into the terminal, in place of a key: in quotes, or with backslashes before
 * what a shell would read.
 */
export function csvPath(text: string, home: string | undefined): string | undefined {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/.exec(trimmed)?.[2];
  const path = quoted ?? trimmed.replace(/\\(.)/g, '$1');
  if (!/\.csv$/i.test(path)) return undefined;
  return home !== undefined && path.startsWith('~/') ? home + path.slice(1) : path;
}
