// The protocol between a page and its worker, over a channel within this process. It is not part of the API, so it is taken from the source.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'rolldown';

const folder = join(import.meta.dirname, '../../web/src');
const entry = ['rpc', 'items', 'errors'].map((name) => `export * from ${JSON.stringify(join(folder, `${name}.ts`))};`).join('');
const source = { name: 'source', resolveId: (id) => (id === 'entry' ? id : undefined), load: (id) => (id === 'entry' ? entry : undefined) };
const { output } = await build({ input: 'entry', plugins: [source], write: false, logLevel: 'silent' });
const { ByteflowError, itemsOf, Remote, serve } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Serves the verbs, and calls the check with the other end. */
async function withVerbs(verbs, check) {
  const { port1, port2 } = new MessageChannel();
  serve(port1, verbs);
  const remote = new Remote(port2);
  try {
    await check(remote);
  } finally {
    remote.close(new Error('the test is over'));
    port1.close();
  }
}

test('each answer finds its call, in whatever order they come', () =>
  withVerbs({ double: async (n) => (await sleep(20 - n), 2 * n) }, async (remote) => {
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    assert.deepEqual(await Promise.all(numbers.map((n) => remote.call('double', n))), numbers.map((n) => 2 * n));
  }));

test('errors keep their code; others keep their message', () =>
  withVerbs(
    {
      typed: async () => {
        throw new ByteflowError('network', 'no line');
      },
      plain: async () => {
        throw new TypeError('no such thing');
      },
      sync: () => {
        throw new Error('at once');
      },
    },
    async (remote) => {
      await assert.rejects(remote.call('typed'), (error) => error instanceof ByteflowError && error.code === 'network' && error.message === 'no line');
      await assert.rejects(remote.call('plain'), { message: 'no such thing' });
      await assert.rejects(remote.call('sync'), { message: 'at once' });
      await assert.rejects(remote.call('unknown'), Error);
    },
  ));

test('arguments that cannot be sent reject that call alone', () =>
  withVerbs({ echo: async (value) => value }, async (remote) => {
    await assert.rejects(remote.call('echo', () => {}), { name: 'DataCloneError' });
    assert.equal(await remote.call('echo', 'fine'), 'fine');
  }));

test('buffers are moved both ways, where asked for', () =>
  withVerbs({ grow: async (buffer, { transfer }) => (transfer.push(buffer), buffer) }, async (remote) => {
    const sent = new ArrayBuffer(8);
    const received = await remote.call('grow', sent, { transfer: [sent] });
    assert.equal(sent.byteLength, 0);
    assert.equal(received.byteLength, 8);
  }));

test('what is sent before the answer comes before it, and to its own call', () =>
  withVerbs(
    {
      load: async (name, { emit }) => {
        for (let loaded = 0; loaded < 3; loaded++) emit({ phase: name, loaded });
      },
    },
    async (remote) => {
      const seen = { wasm: [], model: [] };
      await Promise.all(Object.keys(seen).map((name) => remote.call('load', name, { onItem: ({ phase, loaded }) => seen[name].push(phase === name && loaded) })));
      assert.deepEqual(seen, { wasm: [0, 1, 2], model: [0, 1, 2] });
    },
  ));

test('a callback that throws ends its call, with what it threw', () => {
  let told;
  const heard = new Promise((resolve) => (told = resolve));
  const verbs = {
    load(_, { signal, emit }) {
      signal.addEventListener('abort', () => told());
      emit('half');
      return new Promise(() => {});
    },
    ping: async () => 'pong',
  };
  return withVerbs(verbs, async (remote) => {
    const fault = new Error('a bug of the page');
    const onItem = () => {
      throw fault;
    };
    await assert.rejects(remote.call('load', undefined, { onItem }), fault);
    await heard;
    assert.equal(await remote.call('ping'), 'pong');
  });
});

test('an abort rejects without waiting for the other end, which learns of it', () => {
  const reason = new Error('enough');
  let told;
  const verbs = { hang: (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => told())), ping: async () => 'pong' };
  return withVerbs(verbs, async (remote) => {
    const heard = new Promise((resolve) => (told = resolve));
    const controller = new AbortController();
    const call = remote.call('hang', undefined, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, reason);
    await heard;
    await assert.rejects(remote.call('hang', undefined, { signal: controller.signal }), reason);
    assert.equal(await remote.call('ping'), 'pong');
  });
});

test('an answer that crosses with the abort is dropped', () =>
  withVerbs({ quick: async (n) => n }, async (remote) => {
    for (let n = 0; n < 50; n++) {
      const controller = new AbortController();
      const call = remote.call('quick', n, { signal: controller.signal });
      if (n % 2) await sleep(0);
      controller.abort(new Error('enough'));
      const outcome = await call.catch((error) => error.message);
      assert(outcome === n || outcome === 'enough', String(outcome));
    }
    assert.equal(await remote.call('quick', 'last'), 'last');
  }));

/** The items of a verb, as a worker's generator streams them. */
const stream = (remote, verb, args, signal) => itemsOf((emit, signal) => remote.call(verb, args, { signal, onItem: emit }), signal);

async function count(to, { signal, emit }) {
  for (let i = 0; i < to && !signal.aborted; i++) {
    await sleep(0);
    emit(i);
  }
}

test('a stream gives its items in order, to a slow reader too', () =>
  withVerbs({ count }, async (remote) => {
    for (const pause of [0, 5]) {
      const items = [];
      for await (const item of stream(remote, 'count', 10)) {
        items.push(item);
        await sleep(pause);
      }
      assert.deepEqual(items, Array.from({ length: 10 }, (_, i) => i));
    }
    for await (const item of stream(remote, 'count', 0)) assert.fail(`${item} from an empty stream`);
  }));

test('a stream that fails gives what came before', () =>
  withVerbs(
    {
      async broken(_, { emit }) {
        emit('first');
        throw new ByteflowError('worker-lost', 'then no more');
      },
    },
    async (remote) => {
      const items = [];
      await assert.rejects(async () => {
        for await (const item of stream(remote, 'broken')) items.push(item);
      }, { code: 'worker-lost' });
      assert.deepEqual(items, ['first']);
    },
  ));

test('a reader that stops, and one that is aborted, end the stream at its source', async () => {
  let ended;
  const verbs = {
    async forever(_, { signal, emit }) {
      for (let i = 0; !signal.aborted; i++) {
        await sleep(1);
        emit(i);
      }
      ended();
    },
  };
  await withVerbs(verbs, async (remote) => {
    let atSource = new Promise((resolve) => (ended = resolve));
    for await (const item of stream(remote, 'forever')) if (item === 3) break;
    await atSource;

    atSource = new Promise((resolve) => (ended = resolve));
    const controller = new AbortController();
    const reason = new Error('enough');
    let last;
    await assert.rejects(async () => {
      for await (const item of stream(remote, 'forever', undefined, controller.signal)) {
        last = item;
        if (item === 3) {
          await sleep(20); // more items come, which nobody wants any more
          controller.abort(reason);
        }
      }
    }, reason);
    assert.equal(last, 3);
    await atSource;
    await assert.rejects(stream(remote, 'forever', undefined, controller.signal).next(), reason);
  });
});

test('closing rejects the calls under way and all later ones', () =>
  withVerbs({ hang: () => new Promise(() => {}) }, async (remote) => {
    const error = new ByteflowError('worker-lost', 'gone');
    const calls = [remote.call('hang'), remote.call('hang'), stream(remote, 'hang').next()];
    remote.close(error);
    remote.close(new Error('again'));
    for (const call of calls) await assert.rejects(call, error);
    await assert.rejects(remote.call('hang'), error);
    assert.equal(remote.isClosed, true);
  }));
