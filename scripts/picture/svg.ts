import type { Line, Run } from './screen.ts';

/** What a theme draws with: the background, the text, and the colours 1 to 7 of a terminal. */
export interface Theme {
  readonly background: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly colours: readonly string[];
}

export const light: Theme = {
  background: '#ffffff',
  border: '#d0d7de',
  text: '#1f2328',
  dim: '#59636e',
  colours: ['#1f2328', '#cf222e', '#116329', '#7d4e00', '#0969da', '#8250df', '#1b7c83', '#59636e'],
};

export const dark: Theme = {
  background: '#0d1117',
  border: '#30363d',
  text: '#e6edf3',
  dim: '#9198a1',
  colours: ['#e6edf3', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#9198a1'],
};

const cell = { width: 8.4, height: 20, margin: 16 };
const columns = 78;

/** The lines of a screen as an SVG image, in the reader's own monospaced font. */
export function svgOf(lines: readonly Line[], theme: Theme): string {
  const width = Math.round(columns * cell.width + 2 * cell.margin);
  const height = lines.length * cell.height + 2 * cell.margin;
  const rows = lines.map((line, index) => {
    const y = cell.margin + (index + 1) * cell.height - 6;
    let column = 0;
    const spans = line.map((run) => {
      const x = (cell.margin + column * cell.width).toFixed(1);
      column += run.text.length;
      const length = (run.text.length * cell.width).toFixed(1);
      return `<tspan x="${x}" textLength="${length}"${style(run, theme)}>${escaped(run.text)}</tspan>`;
    });
    return `<text y="${y}">${spans.join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="awsmfa in a terminal">
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.background}" stroke="${theme.border}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${theme.text}" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`;
}

function style({ colour, bold, dim }: Run, theme: Theme): string {
  const fill = dim ? theme.dim : colour === undefined ? undefined : theme.colours[colour % 8];
  return `${fill ? ` fill="${fill}"` : ''}${bold ? ' font-weight="bold"' : ''}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
