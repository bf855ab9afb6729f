// What a file may ask for: more is refused before memory is taken, by an error that has both numbers.

#include "model/limits.h"

#include <doctest/doctest.h>

#include "byteflow/classifier.h"
#include "byteflow/generator.h"
#include "model_bytes.h"
#include "networks/work.h"
#include "text/plain.h"

using namespace byteflow;

namespace {

// The longest text of the golden model, made longer: the words' front end has no tensor of that size.
std::vector<char> of_long_texts(std::uint32_t max_bytes) {
  auto content = read_file("words.byteflow");
  CHECK(file::GetMutableModel(content.data())->mutable_word_front_end()->mutate_max_bytes(max_bytes));
  seal(std::as_writable_bytes(std::span(content)));
  return content;
}

}  // namespace

TEST_CASE("a model that needs more memory than is allowed is refused, and loads where more is") {
  const AlignedBytes model(of_long_texts(16'384));
  Limits limits;
  limits.max_memory = 100'000;
  const auto refused = Classifier::create(model.span(), "scalar", limits);
  REQUIRE(!refused.ok());
  CHECK(refused.status().code() == Code::over_limit);
  CHECK(refused.status().message().find("at most 100000 are allowed") != std::string_view::npos);
  CHECK(Classifier::create(model.span(), "scalar").ok());
  const AlignedBytes writer(read_file("generators/small.byteflow"));
  CHECK(Generator::create(writer.span(), "scalar", 4, limits).status().code() == Code::over_limit);
}

TEST_CASE("a model that takes more work than is allowed is refused") {
  const AlignedBytes model(of_long_texts(16'384)), small(of_long_texts(10));
  Limits limits;
  limits.max_work = 1'000'000;
  const auto refused = Classifier::create(model.span(), "scalar", limits);
  REQUIRE(!refused.ok());
  CHECK(refused.status().code() == Code::over_limit);
  CHECK(refused.status().message().find("multiply-additions") != std::string_view::npos);
  CHECK(Classifier::create(small.span(), "scalar", limits).ok());
  const AlignedBytes writer(read_file("generators/small.byteflow"));
  CHECK(Generator::create(writer.span(), "scalar", 4, limits).status().code() == Code::over_limit);
}

TEST_CASE("a generator whose longest text would take too long is refused, with fewer beams it loads") {
  const AlignedBytes writer(read_file("generators/small.byteflow"));
  const auto model = read_model(writer.span(), Task::generate);
  REQUIRE(model.ok());
  Limits limits;
  limits.max_writing = step_work(model.value(), 4) * model.value().decoder->max_length - 1;
  const auto refused = Generator::create(writer.span(), "scalar", 4, limits);
  REQUIRE(!refused.ok());
  CHECK(refused.status().code() == Code::over_limit);
  CHECK(refused.status().message().find("the longest text that it writes") != std::string_view::npos);
  CHECK(Generator::create(writer.span(), "scalar", 3, limits).ok());
}

TEST_CASE("the largest decoder that the reader lets through is far above what is allowed, within 64 bits") {
  const AlignedBytes writer(read_file("generators/small.byteflow"));
  const auto read = read_model(writer.span(), Task::generate);
  REQUIRE(read.ok());
  Model model = read.value();
  model.max_time = 16'385, model.channels = kMaxChannels;
  DecoderTensors& decoder = *model.decoder;
  decoder.blocks = kMaxBlocks, decoder.heads = kMaxChannels, decoder.feed_forward = kMaxFeedForward;
  decoder.window = kMaxDecoderWindow, decoder.embedding_channels = kMaxEmbeddingChannels;
  CHECK(step_work(model, kMaxBeams) * kMaxLength > Limits().max_writing);
  CHECK(step_work(model, kMaxBeams) < std::uint64_t{1} << 50);  // times kMaxLength, 2^14, it is a count
}

TEST_CASE("a file above the limit is refused by its size alone") {
  alignas(kModelAlignment) static constexpr std::byte first{};
  const auto refused = read_model({&first, kMaxFileBytes + 1});
  CHECK(refused.status().code() == Code::over_limit);
}

TEST_CASE("work grows as the formulas say") {
  const AlignedBytes bytes(read_file("transformer.byteflow"));
  const auto read = read_model(bytes.span());
  REQUIRE(read.ok());
  Model model = read.value();
  const std::uint64_t before = reading_work(model);
  model.max_time *= 2;
  CHECK(reading_work(model) > before + before / 2);
  std::get<TransformerTensors>(model.encoder).blocks = 1;
  CHECK(reading_work(model) < 2 * before);
  // The largest that the reader lets through stays within the count's 64 bits, and far above what is allowed.
  auto& encoder = std::get<TransformerTensors>(model.encoder);
  model.max_time = 16'385, model.channels = 1'024, encoder.blocks = kMaxBlocks, encoder.feed_forward = 4'096;
  for (auto& block : encoder.block) block.pool = 1;
  CHECK(reading_work(model) > Limits().max_work);
  CHECK(reading_work(model) < std::uint64_t{1} << 50);
}

TEST_CASE("the released model is far below the limits") {
  const AlignedBytes model(read_file("../../models/toxicity.byteflow"));
  const auto read = read_model(model.span());
  REQUIRE(read.ok());
  CHECK(reading_work(read.value()) < Limits().max_work / 4);
}

TEST_CASE("names are plain text") {
  for (const char* plain :
       {"", "toxicity", "identity attack", "Größe", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80", "\xC2\xA0"})
    CHECK(is_plain(plain));
  for (const char* other :
       {"\x1b[31m", "a\nb", "\x7F", "\xC2\x9B", "\xC2\x80", "\x80", "\xC3", "\xED\xA0\x80", "a\xF0\x9F\x98"})
    CHECK(!is_plain(other));
  CHECK(!is_plain(std::string_view("a\0b", 3)));

  auto content = read_file("tiny.byteflow");
  auto* label = const_cast<char*>(file::GetModel(content.data())->head()->labels()->Get(1)->c_str());
  label[0] = '\x1b';
  seal(std::as_writable_bytes(std::span(content)));
  const auto refused = read_model(AlignedBytes(content).span());
  CHECK(refused.status().code() == Code::invalid_model);
  CHECK(refused.status().message().find("label 1 is not UTF-8 without control characters") !=
        std::string_view::npos);

  content = read_file("generators/small.byteflow");
  const_cast<char*>(file::GetModel(content.data())->name()->c_str())[0] = '\xff';
  seal(std::as_writable_bytes(std::span(content)));
  // Whatever else is wrong: a name like this gets into no message.
  CHECK(read_model(AlignedBytes(content).span()).status().message() ==
        "the model's name is not UTF-8 without control characters");
}
