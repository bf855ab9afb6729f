import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, Renderer, type Tokens } from 'marked';
import type { Plugin } from 'vite';

/** Puts the cards of the package's models in place of `<!-- model cards -->`, so that the page needs no Markdown at run time. */
export function modelCards(models: string): Plugin {
  return { name: 'model-cards', transformIndexHtml: (html) => html.replace('<!-- model cards -->', () => cards(models)) };
}

function cards(models: string): string {
  const names = readdirSync(models)
    .filter((file) => file.endsWith('.byteflow'))
    .map((file) => file.slice(0, -'.byteflow'.length));
  return names.map((name) => card(name, join(models, `${name}.md`))).join('\n');
}

function card(name: string, file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : 'This build has a model that came without its card: do not rely on its output.';
  return `<details class="card model-card"><summary>${name}</summary><div class="prose">${render(text)}</div></details>`;
}

const render = (markdown: string): string => marked.parse(markdown, { renderer: new CardRenderer(), async: false });

class CardRenderer extends Renderer {
  override heading({ tokens, depth }: Tokens.Heading): string {
    if (depth === 1) return ''; // the summary says it
    const level = Math.min(6, depth + 1);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
  }

  /** The cards point to files of the project, which are not part of the page. */
  override link({ tokens }: Tokens.Link): string {
    return this.parser.parseInline(tokens);
  }

  override table(token: Tokens.Table): string {
    const html = super.table(token);
    const isHeadless = token.header.every(({ text }) => text === '');
    return scrolling('Table', isHeadless ? html.replace(/<thead>.*?<\/thead>/s, '') : html);
  }

  override code(token: Tokens.Code): string {
    return scrolling('Commands', super.code(token));
  }
}

/** What is wide scrolls by itself, by keyboard too. */
const scrolling = (name: string, html: string): string => `<div class="scroll" tabindex="0" role="group" aria-label="${name}">${html}</div>`;
