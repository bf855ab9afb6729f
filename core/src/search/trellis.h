// The texts of all beams, as steps back: a text is a place, and going on from one costs a byte and a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "memory/arena.h"

namespace byteflow {

// After `length` bytes, in row `row`.
struct Place {
  std::size_t length = 0, row = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

class Trellis {
 public:
  void allocate(std::size_t rows, std::size_t max_length, Arena& arena) {
    rows_ = rows;
    nodes_ = arena.take<Node>(rows * max_length);
  }

  void go_on(Place from, Place to, std::uint8_t byte) {
    nodes_[at(to)] = {static_cast<std::uint8_t>(from.row), byte};
  }

  [[nodiscard]] Place back(Place place, std::size_t bytes = 1) const {
    for (; bytes > 0; --bytes) place = {place.length - 1, nodes_[at(place)].parent};
    return place;
  }

  // text [place.length]
  void read(Place place, std::span<std::uint8_t> text) const {
    for (; place.length > 0; place = back(place)) text[place.length - 1] = nodes_[at(place)].byte;
  }

 private:
  struct Node {
    std::uint8_t parent, byte;
  };
  [[nodiscard]] std::size_t at(Place place) const { return (place.length - 1) * rows_ + place.row; }

  std::size_t rows_ = 0;
  std::span<Node> nodes_;  // [max_length, rows]
};

}  // namespace byteflow
