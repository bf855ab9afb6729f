import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

interface Tab {
  /** The folder in src/, and the address after #. */
  name: string;
  title: string;
}

/** Puts the page together: `<!-- include FILE -->`, a tab for each of `tabs`, and their panels from `src/NAME/panel.html`. */
export function pageParts(root: string, tabs: readonly Tab[]): Plugin {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const tab = ({ name, title }: Tab, i: number) =>
    `<a role="tab" id="tab-${name}" href="#${name}" aria-controls="panel-${name}" aria-selected="${i === 0}"${i === 0 ? '' : ' tabindex="-1"'}>` +
    `<svg class="icon" aria-hidden="true"><use href="#icon-${name}" /></svg><span>${title}</span></a>`;
  const panel = ({ name }: Tab, i: number) =>
    `<section role="tabpanel" id="panel-${name}" class="panel ${name}" aria-labelledby="tab-${name}" tabindex="-1"${i === 0 ? '' : ' hidden'}>${read(`src/${name}/panel.html`)}</section>`;
  return {
    name: 'page-parts',
    transformIndexHtml: {
      order: 'pre', // Vite has yet to see the files that the parts name
      handler: (html) =>
        html
          .replaceAll(/<!-- include (\S+) -->/g, (_, file: string) => read(file))
          .replace('<!-- tabs -->', () => tabs.map(tab).join('\n'))
          .replace('<!-- panels -->', () => tabs.map(panel).join('\n')),
    },
  };
}
