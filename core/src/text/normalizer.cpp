#include "text/normalizer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "text/ascii.h"
#include "text/character.h"

namespace byteflow {

namespace {

constexpr auto kStandIns = std::to_array<std::uint32_t>({
#include "text/stand_ins.inc"
});

struct StandIn {
  bool is_look_alike = false;  // of another script, not a variant of the letter itself
  std::uint8_t letter = 0;     // 0: it stands for nothing
};

std::optional<StandIn> stand_in(std::uint32_t code_point) {
  const auto after = std::upper_bound(kStandIns.begin(), kStandIns.end(), code_point,
                                      [](std::uint32_t code, std::uint32_t run) { return code < run >> 13; });
  if (after == kStandIns.begin()) return std::nullopt;
  const std::uint32_t run = *(after - 1), at = code_point - (run >> 13), letter = run & 0x7F;
  if (at > (run >> 7 & 0x1F)) return std::nullopt;
  return StandIn{(run & 1 << 12) != 0, static_cast<std::uint8_t>(letter == 0 ? 0 : letter + at)};
}

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }
bool is_letter(std::uint8_t byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; }
bool is_alphanumeric(std::uint8_t byte) { return is_letter(byte) || is_digit(byte); }
bool is_separator(std::uint8_t byte) {
  return byte == ' ' || byte == '.' || byte == '_' || byte == '*' || byte == '-';
}

// A word of a foreign script keeps its letters, a word that mixes scripts or can be read as English does not.
bool is_disguised(std::span<const std::uint8_t> word) {
  if (std::ranges::any_of(word, is_letter)) return true;
  for (std::size_t i = 0; i < word.size();) {
    const auto [code_point, length] = first_character(word.subspan(i));
    if (code_point >= 0x80 && !stand_in(code_point)) return false;
    i += length;
  }
  return true;
}

struct Letters {
  std::span<std::uint8_t> bytes;
  std::span<std::uint32_t> ends;
  std::size_t size = 0;

  void add(std::uint8_t byte, std::size_t end) {
    bytes[size] = byte;
    ends[size++] = static_cast<std::uint32_t>(end);
  }
};

void replace_stand_ins(std::span<const std::uint8_t> text, Letters& letters) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_ascii_space(text[at])) {
      letters.add(text[at], at + 1);
      ++at;
      continue;
    }
    const auto rest = text.subspan(at);
    const auto word =
        rest.first(static_cast<std::size_t>(std::ranges::find_if(rest, is_ascii_space) - rest.begin()));
    const std::size_t word_end = at + word.size();
    const bool disguised = is_disguised(word);
    while (at < word_end) {
      const auto [code_point, length] = first_character(text.subspan(at));
      const std::size_t end = at + length;
      const auto found = code_point < 0x80 ? std::nullopt : stand_in(code_point);
      if (found && (disguised || !found->is_look_alike)) {
        if (found->letter != 0) letters.add(found->letter, end);
      } else {
        for (std::size_t i = at; i < end; ++i) letters.add(text[i], end);
      }
      at = end;
    }
  }
}

// The last of the letters that begin at `first` and are pulled apart by one separator: each stands alone.
std::size_t last_of_pulled_apart(std::span<const std::uint8_t> text, std::size_t first) {
  const auto in_word = [&](std::size_t i) {
    return i < text.size() && (is_alphanumeric(text[i]) || text[i] >= 0x80);
  };
  const auto is_alone = [&](std::size_t i) {
    return i < text.size() && is_alphanumeric(text[i]) && !in_word(i + 1);
  };
  std::size_t last = first;
  if (!is_alone(first) || (first > 0 && in_word(first - 1)) || first + 1 == text.size() ||
      !is_separator(text[first + 1]))
    return first;
  while (last + 1 < text.size() && text[last + 1] == text[first + 1] && is_alone(last + 2)) last += 2;
  return last;
}

// In place: a byte is written where it stood or before, and of what lies before a run only the byte at its
// side is read, which is overwritten by itself or not at all.
void join_letters(Letters& letters) {
  const std::span<const std::uint8_t> text = letters.bytes.first(letters.size);
  constexpr std::ptrdiff_t kFewest = 3;  // two are initials, and digits are no word
  std::size_t size = 0;
  const auto keep = [&](std::size_t i) {
    letters.bytes[size] = letters.bytes[i];
    letters.ends[size++] = letters.ends[i];
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t last = last_of_pulled_apart(text, at);
    std::ptrdiff_t count = 0;
    for (std::size_t i = at; i <= last; i += 2) count += is_letter(text[i]) ? 1 : 0;
    const std::size_t step = count >= kFewest ? 2 : 1;
    for (; at <= last; at += step) keep(at);
    at = last + 1;
  }
  letters.size = size;
}

}  // namespace

std::size_t normalize(std::span<const std::uint8_t> text, std::span<std::uint8_t> letters,
                      std::span<std::uint32_t> ends) {
  Letters result = {letters, ends};
  replace_stand_ins(text, result);
  join_letters(result);
  return result.size;
}

}  // namespace byteflow
