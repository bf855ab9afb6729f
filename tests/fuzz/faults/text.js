// Faults that fuzz_text must find.
const text = (name) => `core/src/text/${name}.cpp`;
const [segments, words, normalizer, lexicon] = ['segments', 'words', 'normalizer', 'lexicon'].map(text);

export const texts = [
  { name: 'segments: white space at the end begins one more', file: segments, from: 'if (at_ == text_.size()) return std::nullopt;', to: 'if (text_.empty()) return std::nullopt;' },
  { name: 'segments: a byte that is no character stands alone', file: segments, from: '(c >= 0xF900 && c <= 0xFAFF)', to: '(c >= 0xF900 && c <= 0xFFFD)' },
  { name: 'words: a text that ends in white space has no EOS', file: words, from: 'rest_ = {end, rest_.end()};', to: 'if (begin == end && !rest_.empty()) ended_ = true;\n  rest_ = {end, rest_.end()};' },
  { name: 'words: the last bytes of a word are hashed as if they were eight', file: words, from: 'word.size() >= 8;', to: 'word.size() >= 4;' },
  { name: 'normalizer: letters that are joined leave their ends behind', file: normalizer, from: 'letters.ends[size++] = letters.ends[i];', to: '++size;' },
  { name: 'normalizer: what follows a text decides whether its last letter stands alone', file: normalizer, from: 'i < text.size() && is_alphanumeric(text[i])', to: 'i <= text.size() && is_alphanumeric(text[i])' },
  { name: 'lexicon: a word keeps the punctuation before it', file: lexicon, from: 'std::find_if(word.begin(), word.end(), is_kept);', to: 'word.begin();' },
  { name: 'lexicon: bits are looked for in twice the filter', file: lexicon, from: '& (bits - 1);', to: '& (2 * bits - 1);' },
  { name: 'lexicon: a word is known by five of its bits', file: lexicon, from: 'kHashes = 6;', to: 'kHashes = 5;' },
];
