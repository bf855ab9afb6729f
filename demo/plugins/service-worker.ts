import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';

/**
 * Builds the service worker once the page is built, with the list of every file of the page in it, `except` for those that nothing asks for. `workbox-build` would make that list
 * too, with some two hundred packages behind it; what runs in the browser is Workbox all the same.
 */
export function serviceWorker(source: string, { except }: { except: RegExp }): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'service-worker',
    apply: (_, { command, mode }) => command === 'build' && mode !== 'service-worker',
    configResolved: (resolved) => void (config = resolved),
    async writeBundle() {
      const { root, build: options } = config;
      const folder = join(root, options.outDir);
      await build({
        configFile: false,
        root,
        mode: 'service-worker',
        publicDir: false,
        logLevel: 'warn',
        define: { precached: JSON.stringify(filesOf(folder).filter(({ url }) => !except.test(url))), 'process.env.NODE_ENV': '"production"' },
        build: {
          target: options.target,
          outDir: options.outDir,
          emptyOutDir: false,
          rolldownOptions: { input: join(root, source), output: { entryFileNames: 'service-worker.js', codeSplitting: false } },
        },
      });
    },
  };
}

function filesOf(folder: string): { url: string; revision: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'service-worker.js')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ url: file.slice(folder.length + 1).replaceAll(sep, '/'), revision: createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16) }));
}
