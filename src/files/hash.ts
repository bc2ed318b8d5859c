/**
 * Two rounds of FNV-1a, 64 bits as hex. Loading `node:crypto` costs 2 ms, a third of the time this program may
 * take; a collision is harmless, because the file holds the whole key, which is compared.
 */
export function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ (unit + index), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
