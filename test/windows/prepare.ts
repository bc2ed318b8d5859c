import { setup as build } from '../support/build.ts';
import { prepareWindows } from '../support/wine.ts';

export function setup(): void {
  build();
  prepareWindows();
}
