/** Whether a variable switches something on: anything but nothing, `0`, `false` and `no`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}
