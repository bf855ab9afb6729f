// Broken files: each fault is named, and nothing in a file can make the reader or a network misbehave.

#include <doctest/doctest.h>

#include <algorithm>

#include "byteflow/classifier.h"
#include "model_bytes.h"
#include "model_generated.h"
#include "random_data.h"

using namespace byteflow;

namespace {

Status status_of(const std::vector<char>& content, Task task = Task::classify) {
  const AlignedBytes model(content);
  return read_model(model.span(), task).status();
}

bool says(const Status& status, Code code, std::string_view text) {
  INFO(std::string(status.message()));
  CHECK(status.code() == code);
  CHECK(status.message().find(text) != std::string_view::npos);
  return true;
}

// Changes one scalar or name of a good file in place.
template <typename Change>
std::vector<char> altered(Change change, const std::string& name = "tiny") {
  std::vector<char> content = read_file(name + ".byteflow");
  change(*file::GetMutableModel(content.data()));
  seal(std::as_writable_bytes(std::span(content)));
  return content;
}

file::Tensor& tensor(file::Model& root, std::string_view name) {
  for (flatbuffers::uoffset_t i = 0; i < root.tensors()->size(); ++i) {
    auto* found = const_cast<file::Tensor*>(root.tensors()->Get(i));
    if (found->name()->string_view() == name) return *found;
  }
  FAIL("no tensor " << std::string(name));
  return *const_cast<file::Tensor*>(root.tensors()->Get(0));
}

template <typename T>
T* mutable_data(const flatbuffers::Vector<T>* vector) {
  return const_cast<T*>(vector->data());
}

}  // namespace

TEST_CASE("files that are no model are told apart") {
  says(status_of({}), Code::not_a_model, "0 bytes");
  says(status_of({'B', 'F', 'L'}), Code::not_a_model, "3 bytes");
  const std::string html = "<!doctype html><html><body>404</body></html>";
  says(status_of({html.begin(), html.end()}), Code::not_a_model, "BFLW");
  auto other = read_file("tiny.byteflow");
  other[4] = 'X';
  says(status_of(other), Code::not_a_model, "BFLW");
}

TEST_CASE("a truncated file is called truncated, wherever it ends") {
  const auto whole = read_file("tiny.byteflow");
  for (std::size_t size = 8; size < whole.size(); size += 97) {
    const Status status = status_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    REQUIRE(!status.ok());
    CHECK(!status.message().empty());
  }
  says(status_of({whole.begin(), whole.end() - 64}), Code::invalid_model, "truncated");
}

TEST_CASE("an unaligned buffer is refused") {
  const auto content = read_file("tiny.byteflow");
  std::vector<char> shifted(content.size() + 1);
  std::copy(content.begin(), content.end(), shifted.begin() + 1);
  const AlignedBytes model(shifted);
  says(read_model(model.span().subspan(1)).status(), Code::invalid_argument, "aligned");
}

TEST_CASE("a flipped bit is found, whatever it stood for") {
  const auto whole = read_file("tiny.byteflow");
  for (std::size_t at = 8; at < whole.size(); at += 61) {
    auto content = whole;
    content[at] = static_cast<char>(content[at] ^ (1 << (at % 8)));
    CHECK_MESSAGE(!status_of(content).ok(), "byte ", at);
  }
  auto weights = whole;
  mutable_data(tensor(*file::GetMutableModel(weights.data()), "head.weight").data())[0] ^= 1;
  says(status_of(weights), Code::invalid_model, "checksum");
}

TEST_CASE("another version is named") {
  says(status_of(altered([](file::Model& m) { CHECK(m.mutate_version(7)); })), Code::unsupported_version,
       "version 7");
}

TEST_CASE("each contradiction is named") {
  const auto rename = [](std::string_view name) {
    return altered([name](file::Model& m) { const_cast<char*>(tensor(m, name).name()->c_str())[0] = '~'; });
  };
  says(status_of(rename("head.weight")), Code::invalid_model, "head.weight is missing");
  says(status_of(altered([](file::Model& m) { mutable_data(tensor(m, "conv.weight").shape())[1] = 5; })),
       Code::invalid_model, "conv.weight: dimension 1 is 5");
  says(status_of(altered(
           [](file::Model& m) { mutable_data(tensor(m, "encoder.1.gates.weight").data())[3] = 0x80; })),
       Code::invalid_model, "encoder.1.gates.weight: weight code -128");
  says(status_of(altered([](file::Model& m) { mutable_data(tensor(m, "conv.weight").scales())[2] = -1.0f; })),
       Code::invalid_model, "conv.weight: a scale");
  says(status_of(altered([](file::Model& m) {
         mutable_data(tensor(m, "head.bias").data())[3] = 0x7f,
                                mutable_data(tensor(m, "head.bias").data())[2] = 0xc0;
       })),
       Code::invalid_model, "head.bias");
  says(status_of(altered([](file::Model& m) {
         mutable_data(tensor(m, "pool.exp").data())[0] = 0, mutable_data(tensor(m, "pool.exp").data())[1] = 0;
       })),
       Code::invalid_model, "pool.exp: entry 0 is 0; it must be 32768");
  says(status_of(
           altered([](file::Model& m) { mutable_data(tensor(m, "encoder.0.f.table").data())[1] = 0xff; })),
       Code::invalid_model, "encoder.0.f.table: entry");
  says(status_of(altered([](file::Model& m) { mutable_data(m.front_end()->block_widths())[0] = 0; })),
       Code::invalid_model, "block_widths is 0");
  says(status_of(altered(
           [](file::Model& m) { CHECK(m.mutable_front_end()->mutate_gbst(static_cast<file::Gbst>(3))); },
           "original")),
       Code::invalid_model, "front_end.gbst is 3");
  says(status_of(
           altered([](file::Model& m) { CHECK(m.mutable_front_end()->mutate_gbst(file::Gbst_calibrated)); },
                   "original")),
       Code::invalid_model, "gbst.calibration is missing");
  says(status_of(altered([](file::Model& m) { mutable_data(m.calibration()->slope())[0] = 1e30f; })),
       Code::invalid_model, "calibration.slope");
  says(status_of(
           altered([](file::Model& m) { mutable_data(m.calibration()->threshold())[6] = 1.5f; }, "wide")),
       Code::invalid_model, "calibration.threshold");
  says(status_of(altered(
           [](file::Model& m) { const_cast<std::uint8_t*>(m.calibration()->threshold()->Data())[-4] = 6; },
           "wide")),
       Code::invalid_model, "calibration.threshold has 6 entries; expected 7");
  says(status_of(altered([](file::Model& m) {
         char* second = const_cast<char*>(m.head()->labels()->Get(1)->c_str());  // "one", "two"
         std::copy_n("one", 3, second);
       })),
       Code::invalid_model, "labels 0 and 1 have the same name");
}

TEST_CASE("each contradiction of a Transformer is named") {
  const auto transformer = [](file::Model& m) {
    return static_cast<file::TransformerEncoder*>(m.mutable_encoder());
  };
  const auto broken = [](auto change) { return status_of(altered(change, "transformer")); };
  says(broken([&](file::Model& m) { CHECK(transformer(m)->mutate_heads(5)); }), Code::invalid_model,
       "encoder.heads is 5; it must divide the 48 channels");
  says(broken([&](file::Model& m) { CHECK(transformer(m)->mutate_heads(0)); }), Code::invalid_model,
       "encoder.heads is 0");
  says(broken([&](file::Model& m) { CHECK(transformer(m)->mutate_blocks(17)); }), Code::invalid_model,
       "encoder.blocks is 17");
  says(broken([&](file::Model& m) { CHECK(transformer(m)->mutate_feed_forward(39)); }), Code::invalid_model,
       "encoder.0.up.weight: dimension 0 is 40; the config asks for 39");
  says(broken([](file::Model& m) { CHECK(m.mutable_front_end()->mutate_max_bytes(140)); }),
       Code::invalid_model, "encoder.position: dimension 0 is 66; the config asks for 71");
  says(broken([](file::Model& m) { mutable_data(tensor(m, "encoder.1.exp").data())[1] = 0x40; }),
       Code::invalid_model, "encoder.1.exp: entry 0 is 16384");
  says(broken([](file::Model& m) {
         for (flatbuffers::uoffset_t i = 0; i < m.activations()->size(); ++i) {
           auto* activation = const_cast<file::Activation*>(m.activations()->Get(i));
           if (activation->name()->string_view() == "encoder.0.score") CHECK(activation->mutate_scale(-1.0f));
         }
       }),
       Code::invalid_model, "activation encoder.0.score: a scale");
}

TEST_CASE("each contradiction of a Funnel is named") {
  const auto pool = [](file::Model& m) {
    return mutable_data(static_cast<file::FunnelEncoder*>(m.mutable_encoder())->pool());
  };
  const auto broken = [](auto change) { return status_of(altered(change, "funnel")); };
  says(broken([&](file::Model& m) { pool(m)[1] = 0; }), Code::invalid_model, "encoder.pool is 0");
  says(broken([&](file::Model& m) { pool(m)[2] = 17; }), Code::invalid_model, "encoder.pool is 17");
  says(broken([&](file::Model& m) { pool(m)[0] = 2; }), Code::invalid_model,
       "activation encoder.0.pooled is missing");
}

TEST_CASE("each contradiction of a word front end is named") {
  const auto words = [](file::Model& m) { return m.mutable_word_front_end(); };
  const auto broken = [](auto change) { return status_of(altered(change, "words")); };
  says(broken([&](file::Model& m) { CHECK(words(m)->mutate_features(149)); }), Code::invalid_model,
       "projection.weight: dimension 1 is 150; the config asks for 149");
  says(broken([&](file::Model& m) { CHECK(words(m)->mutate_features(0)); }), Code::invalid_model,
       "front_end.features is 0");
  says(broken([&](file::Model& m) { CHECK(words(m)->mutate_max_bytes(16'385)); }), Code::invalid_model,
       "front_end.max_bytes is 16385");
}

TEST_CASE("thresholds are the file's, or one half") {
  const AlignedBytes with(read_file("wide.byteflow")), without(read_file("tiny.byteflow"));
  const auto suggested = read_model(with.span()), old = read_model(without.span());
  REQUIRE(suggested.ok());
  REQUIRE(old.ok());
  CHECK(suggested.value().thresholds[0] == 0.25f);
  CHECK(suggested.value().thresholds[6] == 0.75f);
  CHECK(old.value().thresholds[0] == 0.5f);
  CHECK(old.value().thresholds[1] == 0.5f);
}

TEST_CASE("each contradiction of a decoder is named") {
  const auto decoder = [](file::Model& m) { return m.mutable_decoder(); };
  const auto broken = [](auto change) {
    return status_of(altered(change, "generators/small"), Task::generate);
  };
  CHECK(broken([](file::Model&) {}).ok());
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_heads(5)); }), Code::invalid_model,
       "decoder.heads is 5; it must divide the 48 channels");
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_window(17)); }), Code::invalid_model,
       "decoder.window is 17; it must lie in 1..16");
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_max_length(16'385)); }), Code::invalid_model,
       "decoder.max_length is 16385");
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_max_length(47)); }), Code::invalid_model,
       "decoder.position: dimension 0 is 48; the config asks for 47");
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_blocks(3)); }), Code::invalid_model,
       "decoder.2.norm is missing");
  says(broken([&](file::Model& m) { CHECK(decoder(m)->mutate_embedding_channels(6)); }), Code::invalid_model,
       "decoder.embedding.weight: dimension 1 is 7; the config asks for 6");
  says(broken([](file::Model& m) { CHECK(m.mutable_front_end()->mutate_max_bytes(61)); }),
       Code::invalid_model, "decoder.source.position: dimension 0 is 61; the config asks for 62");
  says(broken([](file::Model& m) {
         const_cast<char*>(tensor(m, "decoder.1.running.weight").name()->c_str())[0] = '~';
       }),
       Code::invalid_model, "decoder.1.running.weight is missing");
  says(broken([](file::Model& m) {
         for (flatbuffers::uoffset_t i = 0; i < m.activations()->size(); ++i) {
           auto* activation = const_cast<file::Activation*>(m.activations()->Get(i));
           if (activation->name()->string_view() == "decoder.0.merged")
             CHECK(activation->mutate_scale(-1.0f));
         }
       }),
       Code::invalid_model, "activation decoder.0.merged: a scale");

  const auto with_lexicon = [](auto change) {
    return status_of(
        altered([&](file::Model& m) { change(tensor(m, "decoder.lexicon")); }, "generators/words"),
        Task::generate);
  };
  CHECK(with_lexicon([](file::Tensor&) {}).ok());
  says(with_lexicon([](file::Tensor& lexicon) { mutable_data(lexicon.scales())[0] = 17.0f; }),
       Code::invalid_model, "decoder.lexicon: the penalty exceeds 16");
  says(with_lexicon([](file::Tensor& lexicon) { mutable_data(lexicon.shape())[0] = 255; }),
       Code::invalid_model, "decoder.lexicon must be a power of two of bytes from 64 to 4194304");
  says(with_lexicon([](file::Tensor& lexicon) { mutable_data(lexicon.shape())[0] = 128; }),
       Code::invalid_model, "decoder.lexicon holds 256 bytes; its shape needs 128");
}

TEST_CASE("a model for another task is refused") {
  says(status_of(read_file("generators/small.byteflow")), Code::invalid_argument,
       "model small writes texts; it cannot score any");
  says(status_of(read_file("tiny.byteflow"), Task::generate), Code::invalid_argument,
       "model tiny scores texts; it cannot write any");
}

TEST_CASE("10,000 random mutations never crash, and what still loads still scores") {
  RandomData random(11);
  const std::array<std::vector<char>, 6> models = {
      read_file("one.byteflow"),   read_file("heads.byteflow"),      read_file("funnel.byteflow"),
      read_file("words.byteflow"), read_file("calibrated.byteflow"), read_file("original.byteflow")};
  const std::vector<std::uint8_t> text = {'h', 'e', 'l', 'l', 'o', ' ', 0xE2, 0x82, 0xAC};
  int loaded = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::vector<char> content = models[static_cast<std::size_t>(round % 6)];
    const std::int32_t changes = random.integer(1, 4);
    for (std::int32_t i = 0; i < changes; ++i) {
      const auto at =
          static_cast<std::size_t>(random.integer(0, static_cast<std::int32_t>(content.size()) - 1));
      switch (random.integer(0, 3)) {
        case 0:
          content[at] = static_cast<char>(content[at] ^ (1 << random.integer(0, 7)));
          break;
        case 1:
          content[at] = static_cast<char>(random.integer(0, 255));
          break;
        case 2:
          std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(at),
                      std::min<std::size_t>(4, content.size() - at), static_cast<char>(0xff));
          break;
        default:
          content.resize(std::max<std::size_t>(at, 1));
      }
    }
    const AlignedBytes model(content);
    seal(model.span());
    for (const std::string_view backend : Classifier::backends()) {
      auto classifier = Classifier::create(model.span(), backend);
      if (!classifier.ok()) {
        CHECK(!classifier.status().message().empty());
        continue;
      }
      ++loaded;
      std::vector<float> logits(classifier.value().model().label_count), probabilities(logits.size());
      REQUIRE(classifier.value().score(text, logits, probabilities).ok());
      for (const float probability : probabilities) CHECK((probability >= 0.0f && probability <= 1.0f));
      std::array<WordWeight, 8> words;
      const auto explanation = classifier.value().explain(text, 0, words);
      REQUIRE(explanation.ok());
      CHECK(explanation.value().words.size() <= 2);
    }
  }
  CHECK(loaded > 1000);
}
