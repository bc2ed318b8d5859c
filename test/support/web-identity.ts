import { inSeconds, iso } from './sources.ts';

/** STS's answer to AssumeRoleWithWebIdentity; the local STS knows no identity provider. */
export function webIdentityAnswer(
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string },
  seconds = 3600,
): { status: number; headers: Record<string, string>; body: string } {
  const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId>
<SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken>
<Expiration>${iso(inSeconds(seconds))}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}
