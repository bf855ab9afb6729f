import { getLIDModel } from 'fasttext.wasm.js';

export const contestants = [
  {
    name: 'fasttext.wasm.js, language identification',
    round: 'comments',
    async prepare({ comments }) {
      const model = await getLIDModel();
      await model.load();
      return {
        async work() {
          for (const comment of comments) await model.identify(comment);
        },
        calls: comments.length,
      };
    },
  },
];
