import leoProfanity from 'leo-profanity';
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';

const overComments = (name, makeCheck) => ({
  name,
  round: 'comments',
  async prepare({ comments }) {
    const check = makeCheck();
    let found = 0; // used, so that no engine drops the work
    return {
      work() {
        for (const comment of comments) if (check(comment)) found++;
        return found;
      },
      calls: comments.length,
    };
  },
});

export const contestants = [
  overComments('obscenity, word list', () => {
    const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
    return (comment) => matcher.hasMatch(comment);
  }),
  overComments('leo-profanity, word list', () => (comment) => leoProfanity.check(comment)),
];
