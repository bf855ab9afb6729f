// Faults that fuzz_search must find.
const search = 'core/src/search/search.cpp';
const sampler = 'core/src/search/sampler.cpp';
const scorer = 'core/src/search/scorer.cpp';
const utf8 = 'core/src/text/utf8_state.h';

export const searches = [
  { name: 'among equal candidates the later one stays', file: search, from: 'candidate.score <= candidates_[offered_ - 1].score', to: 'candidate.score < candidates_[offered_ - 1].score' },
  { name: 'among equal texts the later one comes first', file: search, from: 'std::upper_bound(known.begin(), known.end(), hypothesis, better)', to: 'std::lower_bound(known.begin(), known.end(), hypothesis, better)' },
  { name: 'only as many candidates as beams are kept', file: search, from: 'options.beams == 1 ? options.beams : 2 * options.beams;', to: 'options.beams == 1 ? options.beams : options.beams;' },
  { name: 'a search is settled by the score at its present length', file: search, from: 'scorer_.normalized(beams_[0].score, options_.max_length) <= last.score', to: 'scorer_.normalized(beams_[0].score, length_) <= last.score' },
  { name: 'a search is settled by its best text, not by its worst', file: search, from: 'hypotheses_[found_ - 1];', to: 'hypotheses_[0];' },
  { name: 'a text that ends is normalized without its end', file: search, from: 'scorer_.normalized(candidate.score, length_ + 1)', to: 'scorer_.normalized(candidate.score, length_)' },
  { name: 'a text that is cut may be found twice', file: search, from: 'if (std::none_of(known.begin(), known.end(), same)) keep(cut);', to: 'keep(cut);\n  static_cast<void>(same);' },
  { name: 'a cut text stands before a complete one', file: search, from: 'a.complete != b.complete ? a.complete : a.score > b.score', to: 'a.score > b.score' },
  { name: 'a text may end inside a character', file: search, from: 'if (beam.text.at_boundary()) add(kEos);', to: 'add(kEos);' },
  { name: 'a character is begun that does not fit', file: search, from: 'options_.max_length - length_))', to: 'options_.max_length - length_ + 1))' },
  { name: 'masks are those of the row above', file: search, from: '&allowed[row]', to: '&allowed[row > 0 ? row - 1 : 0]' },
  { name: 'a row goes on with the UTF-8 state of the first', file: search, from: 'parent.text.after(byte)', to: 'beams_[0].text.after(byte)' },
  { name: 'the text of a row has the byte of another', file: search, from: 'trellis_.go_on(from, {length_ + 1, rows}, byte);', to: 'trellis_.go_on({length_, 0}, {length_ + 1, rows}, byte);\n      static_cast<void>(from);' },
  { name: 'surrogates are UTF-8', file: utf8, from: 'if (byte == 0xED) next.highest_ = 0x9F;', to: '' },
  { name: 'overlong forms are UTF-8', file: utf8, from: 'if (byte == 0xF0) next.lowest_ = 0x90;', to: '' },
  { name: 'top_k keeps one more', file: sampler, from: 'std::min(top_k_, choices.size())', to: 'std::min(top_k_ + 1, choices.size())' },
  { name: 'top_p keeps one more', file: sampler, from: 'count = i + 1;', to: 'count = std::min(i + 2, count), kept += i + 1 < count ? weights_[choices[i + 1].distance] : 0, i = count;' },
  { name: 'a temperature multiplies', file: sampler, from: '(static_cast<Score>(i) * scorer.step() << 16) / divisor', to: '(static_cast<Score>(i) * scorer.step() * divisor) >> 16' },
  { name: 'the highest logit is that of all ids, not of the allowed', file: scorer, from: 'for (const std::uint16_t id : ids) highest = std::max<std::int32_t>(highest, logits[id]);', to: 'for (const std::int8_t logit : logits) highest = std::max<std::int32_t>(highest, logit);' },
];
