// Draws the icons that the manifest names from public/icons/icon.svg: node demo/icons.js, after a change of the drawing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../tests/browser/chromium.js';

const folder = join(import.meta.dirname, 'public/icons');
const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8');
// A mask may cut away all but a circle of 80% of the width, so the drawing fills the square to its corners and its bars stay within the middle.
const maskable = drawing.replace('rx="8"', 'rx="0"');

const browser = await launch();
const icons = [
  ['icon-192.png', drawing, 192],
  ['icon-512.png', drawing, 512],
  ['icon-180.png', maskable, 180], // iOS rounds the corners itself
  ['maskable-512.png', maskable, 512],
];
for (const [file, svg, size] of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
  await page.screenshot({ path: join(folder, file), omitBackground: true });
  await page.close();
}
await browser.close();
