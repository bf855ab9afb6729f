// The SIMD gemm around its inner loop: which rows and panels go together, and what happens to their
// accumulators. A Form is an inner loop with its layout of weights and activations:
//
//   Form::Operand                  an activation as the loop reads it
//   Form::pack                     as in Kernels, into packed_size<Form> bytes
//   Form::scratch_size             as Kernels::gemm_scratch
//   Form::prepare(a, ..., scratch) -> the activations as Operand, in the rows' own order and stride
//   Form::kTileRows                rows that share a load of weights
//   Form::kWidePanels              panels that share a load of activations when one row is all there is
//   Form::panel_size               bytes of a panel of 8 outputs
//   Form::correction(panel, half)  -> what the layout adds to the bias of four outputs
//   Form::multiply<MR, P>(...)     adds MR rows times P panels to acc[MR][2 * P]
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace byteflow {

// Outputs of a panel: two vectors of four int32 accumulators.
inline constexpr std::size_t kPanel = 8;

template <typename Form>
std::size_t packed_size(std::size_t inputs, std::size_t outputs) {
  return round_up(outputs, kPanel) / kPanel * Form::panel_size(inputs);
}

template <typename Form>
class SimdGemm {
 public:
  static void run(const PackedWeight& weight, Rows a, std::size_t rows, const Residual* residual,
                  std::int32_t zero_point, std::int8_t* out, std::size_t out_stride, std::byte* scratch) {
    const SimdGemm gemm(weight, Form::prepare(a, rows, weight.inputs, scratch), a.stride, residual,
                        wasm_i16x8_splat(static_cast<std::int16_t>(zero_point)), out, out_stride);
    const std::size_t panels = round_up(weight.outputs, kPanel) / kPanel;
    std::size_t p = 0;
    if (rows == 1)
      for (; p + Form::kWidePanels <= panels; p += Form::kWidePanels)
        gemm.template tile<1>(gemm.template columns<Form::kWidePanels>(p), 0);
    for (; p < panels; ++p) {
      const auto columns = gemm.template columns<1>(p);
      std::size_t r = 0;
      for (; r + Form::kTileRows <= rows; r += Form::kTileRows)
        gemm.template tile<Form::kTileRows>(columns, r);
      gemm.rest(columns, r, rows - r, std::make_index_sequence<Form::kTileRows>());
    }
  }

 private:
  SimdGemm(const PackedWeight& weight, const typename Form::Operand* a, std::size_t stride,
           const Residual* residual, v128_t zero_point, std::int8_t* out, std::size_t out_stride)
      : weight_(weight),
        a_(a),
        stride_(stride),
        residual_(residual),
        zero_point_(zero_point),
        out_(out),
        out_stride_(out_stride) {}

  // What P neighbouring panels bring to every row.
  template <std::size_t P>
  struct Columns {
    std::size_t first;  // output
    const std::byte* packed[P];
    v128_t start[2 * P], multiplier[2 * P];  // zero beyond the last output
  };

  template <std::size_t P>
  [[nodiscard]] Columns<P> columns(std::size_t panel) const {
    Columns<P> columns;
    columns.first = panel * kPanel;
    for (std::size_t p = 0; p < P; ++p) {
      const std::byte* packed = weight_.data.data() + (panel + p) * Form::panel_size(weight_.inputs);
      std::int32_t bias[kPanel] = {};
      float multiplier[kPanel] = {};
      const std::size_t first = (panel + p) * kPanel;
      const std::size_t count = std::min(kPanel, weight_.outputs - first);
      std::copy_n(weight_.bias.data() + first, count, bias);
      std::copy_n(weight_.multiplier.data() + first, count, multiplier);
      columns.packed[p] = packed;
      for (std::size_t half = 0; half < 2; ++half) {
        columns.start[2 * p + half] =
            wasm_i32x4_add(wasm_v128_load(bias + 4 * half), Form::correction(packed, half));
        columns.multiplier[2 * p + half] = wasm_v128_load(multiplier + 4 * half);
      }
    }
    return columns;
  }

  // The last `count` < kTileRows rows, in one tile of that height.
  template <std::size_t... Before>
  void rest(const Columns<1>& columns, std::size_t row, std::size_t count,
            std::index_sequence<Before...>) const {
    ((count == Before + 1 ? tile<Before + 1>(columns, row) : void()), ...);
  }

  template <std::size_t MR, std::size_t P>
  void tile(const Columns<P>& columns, std::size_t row) const {
    v128_t acc[MR][2 * P];
    for (auto& sums : acc) std::copy_n(columns.start, 2 * P, sums);
    Form::template multiply<MR, P>(columns.packed, weight_.inputs, a_ + row * stride_, stride_, acc);
    for (std::size_t r = 0; r < MR; ++r)
      for (std::size_t p = 0; p < P; ++p)
        finish(row + r, columns.first + p * kPanel, acc[r] + 2 * p, columns.multiplier + 2 * p);
  }

  // Requantizes eight accumulators of a row, with the residual when there is one.
  void finish(std::size_t row, std::size_t column, const v128_t* acc, const v128_t* multiplier) const {
    v128_t low = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc[0]), multiplier[0]);
    v128_t high = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc[1]), multiplier[1]);
    if (residual_ != nullptr) {
      const std::int8_t* added = residual_->rows.data + row * residual_->rows.stride + column;
      const v128_t centred =
          centred8(added, wasm_i16x8_splat(static_cast<std::int16_t>(residual_->zero_point)));
      const v128_t scale = wasm_f32x4_splat(residual_->multiplier);
      low = wasm_f32x4_add(
          low, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(centred)), scale));
      high = wasm_f32x4_add(
          high, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(centred)), scale));
    }
    store_codes(out_ + row * out_stride_ + column, to_codes(low, high, zero_point_),
                weight_.outputs - column);
  }

  const PackedWeight& weight_;
  const typename Form::Operand* a_;
  std::size_t stride_;
  const Residual* residual_;
  v128_t zero_point_;
  std::int8_t* out_;
  std::size_t out_stride_;
};

}  // namespace byteflow
