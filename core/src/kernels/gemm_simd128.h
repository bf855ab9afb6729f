// The SIMD gemm around its inner loop: which rows and panels go together, and what happens to their
// accumulators. A tile is Form::kTile rows by one panel of 8 outputs, 2 rows by kTile / 2 panels, or one row
// by kTile panels: as many accumulators whatever the rows, so that a few of them are as fast as many. Panels
// come in groups of kTile.
//
// A Form is an inner loop with its layout of weights and activations:
//
//   Form::Operand                  an activation as the loop reads it
//   Form::pack                     as in Kernels, into packed_size<Form> bytes
//   Form::scratch_size             as Kernels::gemm_scratch
//   Form::prepare(a, ..., scratch) -> the activations as Operand, tile after tile, row_size of them a row
//   Form::kTile                    even
//   Form::panel_size               bytes of a panel of 8 outputs
//   Form::panels(data, first, ...) -> where to find a group: a Form::Panels
//   Form::correction(group, half)  -> what the layout adds to the bias of four outputs
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

// The layout of a Form whose panels lie one after the other and whose rows stay where they are.
template <typename Form>
struct PanelByPanel {
  struct Panels {
    const std::byte* first;
    std::size_t size;
  };

  static Panels panels(const std::byte* data, std::size_t first, std::size_t, std::size_t inputs) {
    const std::size_t size = Form::panel_size(inputs);
    return {data + first * size, size};
  }

  static std::size_t row_size(std::size_t stride, std::size_t) { return stride; }
  static v128_t correction(const Panels&, std::size_t) { return wasm_i32x4_splat(0); }
};

// Rows from the first to the last in tiles of Form::kTile, 2 and 1 rows: calls each<height>(first row).
template <typename Form, typename Each>
void for_each_tile(std::size_t rows, const Each& each) {
  std::size_t row = 0;
  for (; row + Form::kTile <= rows; row += Form::kTile) each.template operator()<Form::kTile>(row);
  if constexpr (Form::kTile > 2)
    for (; row + 2 <= rows; row += 2) each.template operator()<2>(row);
  if (row < rows) each.template operator()<1>(row);
}

template <typename Form>
class SimdGemm {
 public:
  static void run(const PackedWeight& weight, Rows a, std::size_t rows, const Residual* residual,
                  std::int32_t zero_point, std::int8_t* out, std::size_t out_stride, std::byte* scratch) {
    const SimdGemm gemm(weight, Form::prepare(a, rows, weight.inputs, scratch),
                        Form::row_size(a.stride, weight.inputs), residual, zero_point, out, out_stride);
    const std::size_t panels = round_up(weight.outputs, kPanel) / kPanel;
    for (std::size_t first = 0; first < panels; first += Form::kTile) {
      const Group group = gemm.group(first, std::min(Form::kTile, panels - first));
      for_each_tile<Form>(rows, [&]<std::size_t kRows>(std::size_t row) {
        constexpr std::size_t kPanels = Form::kTile / kRows;
        for (std::size_t p = 0; p < group.panels; p += kPanels)
          gemm.template tile_of<kRows>(group, p, std::min(kPanels, group.panels - p), row,
                                       std::make_index_sequence<kPanels>());
      });
    }
  }

 private:
  SimdGemm(const PackedWeight& weight, const typename Form::Operand* a, std::size_t stride,
           const Residual* residual, std::int32_t zero_point, std::int8_t* out, std::size_t out_stride)
      : weight_(weight),
        a_(a),
        stride_(stride),
        residual_(residual),
        to_codes_(zero_point),
        out_(out),
        out_stride_(out_stride) {}

  // What neighbouring panels bring to every row.
  struct Group {
    std::size_t panels, first_output;
    typename Form::Panels packed;
    v128_t start[2 * Form::kTile], multiplier[2 * Form::kTile];  // zero beyond the last output
  };

  [[nodiscard]] Group group(std::size_t first, std::size_t panels) const {
    Group group;
    group.panels = panels;
    group.first_output = first * kPanel;
    group.packed = Form::panels(weight_.data.data(), first, panels, weight_.inputs);
    for (std::size_t p = 0; p < panels; ++p) {
      const std::size_t output = group.first_output + p * kPanel, count = weight_.outputs - output;
      const std::int32_t* bias = weight_.bias.data() + output;
      const float* multiplier = weight_.multiplier.data() + output;
      std::int32_t last_bias[kPanel] = {};
      float last_multiplier[kPanel] = {};
      if (count < kPanel) {
        std::copy_n(bias, count, last_bias);
        std::copy_n(multiplier, count, last_multiplier);
        bias = last_bias;
        multiplier = last_multiplier;
      }
      for (std::size_t half = 0; half < 2; ++half) {
        group.start[2 * p + half] =
            wasm_i32x4_add(wasm_v128_load(bias + 4 * half), Form::correction(group.packed, 2 * p + half));
        group.multiplier[2 * p + half] = wasm_v128_load(multiplier + 4 * half);
      }
    }
    return group;
  }

  // MR rows times `count` panels.
  template <std::size_t MR, std::size_t... Before>
  void tile_of(const Group& group, std::size_t panel, std::size_t count, std::size_t row,
               std::index_sequence<Before...>) const {
    ((count == Before + 1 ? tile<MR, Before + 1>(group, panel, row) : void()), ...);
  }

  template <std::size_t MR, std::size_t P>
  void tile(const Group& group, std::size_t panel, std::size_t row) const {
    v128_t acc[MR][2 * P];
    for (auto& sums : acc) std::copy_n(group.start + 2 * panel, 2 * P, sums);
    Form::template multiply<MR, P>(group.packed, panel, weight_.inputs, a_ + row * stride_, stride_, acc);
    for (std::size_t p = 0; p < P; ++p) {
      const std::size_t column = group.first_output + (panel + p) * kPanel;
      const v128_t* multiplier = group.multiplier + 2 * (panel + p);
      std::int8_t* out = out_ + row * out_stride_ + column;
      for (std::size_t r = 0; r < MR; ++r, out += out_stride_) {
        v128_t low = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc[r][2 * p]), multiplier[0]);
        v128_t high = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc[r][2 * p + 1]), multiplier[1]);
        if (residual_ != nullptr) add_residual(row + r, column, low, high);
        store_codes(out, to_codes_(low, high), weight_.outputs - column);
      }
    }
  }

  void add_residual(std::size_t row, std::size_t column, v128_t& low, v128_t& high) const {
    const v128_t zero_point = wasm_i16x8_splat(static_cast<std::int16_t>(residual_->zero_point));
    const v128_t scale = wasm_f32x4_splat(residual_->multiplier);
    const v128_t codes = centred8(residual_->rows.data + row * residual_->rows.stride + column, zero_point);
    low = wasm_f32x4_add(low,
                         wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(codes)), scale));
    high = wasm_f32x4_add(
        high, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(codes)), scale));
  }

  const PackedWeight& weight_;
  const typename Form::Operand* a_;
  std::size_t stride_;
  const Residual* residual_;
  ToCodes to_codes_;
  std::int8_t* out_;
  std::size_t out_stride_;
};

}  // namespace byteflow
