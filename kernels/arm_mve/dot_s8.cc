// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/dot_s8.h"

#include <cstddef>
#include <cstring>

namespace midge::arm_mve {
namespace {

constexpr int32_t kRowsAtOnce = 6;

// How inputs are made int8.
enum class Form : int32_t {
  kWrapped,  // x - operand, modulo 2^8
  kOffset,   // (x ^ operand) + offset, as two
  kNone,     // operand alone
};

// Six rows of weights, one after the other: the next six.
struct RowsLoop {
  const int8_t* x;
  int32_t depth;       // at least 1
  int32_t* sums;       // six
  const int32_t* end;  // of sums
  int32_t padding;     // bytes from a row's end to that of its last vector
  const int8_t* w;
  Form form;
};

// sums[k] += sum_i w[k][i] * input[i] until loop.end, modulo 2^32.
[[gnu::noinline]] void RunRows(RowsLoop& loop, S8x16 operand, S8x16 offset) {
#if MIDGE_ARM_MVE_ASM
  static_assert(offsetof(RowsLoop, sums) == 8 && offsetof(RowsLoop, end) == 12 &&
                offsetof(RowsLoop, padding) == 16 && offsetof(RowsLoop, w) == 20 &&
                offsetof(RowsLoop, form) == 24);
  // r0, r2, r4, r6, r8, r10 sums, r1 inputs, r3, r5, r7, r9, r11, r12 weights
#define MIDGE_MVE_BY(v, sum, w) \
  "vldrb.8       %q[u], [" w "], #16\n\tvmladava.s8   " sum ", %q[" v "], %q[u]\n\t"
#define MIDGE_MVE_ONE(sum, w) MIDGE_MVE_BY("v", sum, w)
#define MIDGE_MVE_TWO(sum, w) \
  MIDGE_MVE_BY("v", sum, w) "vmladava.s8   " sum ", %q[offset], %q[u]\n\t"
#define MIDGE_MVE_OPERAND(sum, w) MIDGE_MVE_BY("operand", sum, w)
#define MIDGE_MVE_LOAD(change) \
  "vldrb.8       %q[v], [r1], #16\n\t" change "     %q[v], %q[v], %q[operand]\n\t"
#define MIDGE_MVE_ROWS(prepare, row)                                               \
  "add           r12, r11, lr\n\t"                                                 \
  "dlstp.8       lr, lr\n"                                                         \
  "2:\n\t" prepare row("r0", "r3") row("r2", "r5") row("r4", "r7") row("r6", "r9") \
      row("r8", "r11") row("r10", "r12") "letp          lr, 2b\n\t"
  register RowsLoop* fields asm("r0") = &loop;
  S8x16 v, u;
  asm volatile(
      "ldrd          r3, r1, [r0, #20]\n\t"
      "push          {r0, r1, r7}\n"  // perhaps a frame pointer, which may not be named below
      "1:\n\t"
      "ldr           r12, [sp]\n\t"
      "ldrd          r1, lr, [r12]\n\t"
      "ldr           r12, [r12, #8]\n\t"
      "ldm           r12, {r0, r2, r4, r6, r8, r10}\n\t"
      "add           r5, r3, lr\n\t"
      "add           r7, r5, lr\n\t"
      "add           r9, r7, lr\n\t"
      "add           r11, r9, lr\n\t"
      "ldr           r12, [sp, #4]\n\t"
      "tbb           [pc, r12]\n"
      "3:\n\t"
      ".byte         (4f - 3b) / 2, (5f - 3b) / 2, (6f - 3b) / 2, 0\n"
      "4:\n\t" MIDGE_MVE_ROWS(MIDGE_MVE_LOAD("vsub.i8  "), MIDGE_MVE_ONE)
      "b             7f\n"
      "5:\n\t" MIDGE_MVE_ROWS(MIDGE_MVE_LOAD("veor     "), MIDGE_MVE_TWO)
      "b             7f\n"
      "6:\n\t" MIDGE_MVE_ROWS("", MIDGE_MVE_OPERAND)
      "7:\n\t"
      "ldr           r1, [sp]\n\t"
      "ldr           r3, [r1, #8]\n\t"
      "stm           r3!, {r0, r2, r4, r6, r8, r10}\n\t"
      "str           r3, [r1, #8]\n\t"
      "ldrd          r0, r2, [r1, #12]\n\t"
      "cmp           r3, r0\n\t"
      "sub           r3, r12, r2\n\t"
      "bne           1b\n\t"
      "pop           {r0, r1, r7}"
      : "+r"(fields), [v] "=&w"(v), [u] "=&w"(u)
      : [operand] "w"(operand), [offset] "w"(offset)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_MVE_ROWS
#undef MIDGE_MVE_LOAD
#undef MIDGE_MVE_OPERAND
#undef MIDGE_MVE_TWO
#undef MIDGE_MVE_ONE
#undef MIDGE_MVE_BY
#else
  for (const int8_t* w = loop.w; loop.sums != loop.end; ++loop.sums) {
    for (int32_t i = 0; i < loop.depth; ++i) {
      int32_t v = operand.lane[0];
      if (loop.form == Form::kWrapped) v = static_cast<int8_t>(loop.x[i] - v);
      if (loop.form == Form::kOffset) v = (loop.x[i] ^ v) + offset.lane[0];
      *loop.sums = AddWrapping(*loop.sums, v * *w++);
    }
  }
#endif
}

// `count` numbers, at least one.
void CopyS32(const int32_t* from, int32_t count, int32_t* to) {
#if MIDGE_ARM_MVE_ASM
  S32x4 v;
  asm volatile(
      "dlstp.32   lr, %[count]\n"
      "1:\n\t"
      "vldrw.32   %q[v], [%[from]], #16\n\t"
      "vstrw.32   %q[v], [%[to]], #16\n\t"
      "letp       lr, 1b"
      : [from] "+r"(from), [to] "+r"(to), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof *to);
#endif
}

// sums[k] = from[k] + factor * (w[k * step + first] + w[k * step + second]), k < count.
void AddTwoColumns(const int32_t* from, const int8_t* w, int32_t step, int32_t first,
                   int32_t second, int32_t factor, int32_t count, int32_t* sums) {
#if MIDGE_ARM_MVE_ASM
  const S32x4 rows = Lanes(0, step, 2 * step, 3 * step);
  const S32x4 of_first = Add(rows, first), of_second = Add(rows, second);
  S32x4 sum, v;
  asm volatile(
      "dlstp.32   lr, %[count]\n"
      "1:\n\t"
      "vldrw.32   %q[sum], [%[from]], #16\n\t"
      "vldrb.s32  %q[v], [%[w], %q[of_first]]\n\t"
      "vmla.s32   %q[sum], %q[v], %[factor]\n\t"
      "vldrb.s32  %q[v], [%[w], %q[of_second]]\n\t"
      "vmla.s32   %q[sum], %q[v], %[factor]\n\t"
      "add        %[w], %[w], %[four_steps]\n\t"
      "vstrw.32   %q[sum], [%[sums]], #16\n\t"
      "letp       lr, 1b"
      : [from] "+r"(from), [w] "+r"(w), [sums] "+r"(sums), [sum] "=&w"(sum), [v] "=&w"(v)
      : [count] "r"(count), [of_first] "w"(of_first), [of_second] "w"(of_second),
        [factor] "r"(factor), [four_steps] "r"(4 * step)
      : "lr", "memory");
#else
  for (int32_t k = 0; k < count; ++k, w += step) {
    sums[k] = AddWrapping(from[k], factor * (w[first] + w[second]));
  }
#endif
}

// `count` numbers, at least one.
[[gnu::noinline]] void Negate(int32_t* sums, int32_t count) {
#if MIDGE_ARM_MVE_ASM
  S32x4 v;
  asm volatile(
      "dlstp.32   lr, %[count]\n"
      "1:\n\t"
      "vldrw.32   %q[v], [%[sums]]\n\t"
      "vneg.s32   %q[v], %q[v]\n\t"
      "vstrw.32   %q[v], [%[sums]], #16\n\t"
      "letp       lr, 1b"
      : [sums] "+r"(sums), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (int32_t k = 0; k < count; ++k) sums[k] = MultiplyWrapping(sums[k], -1);
#endif
}

}  // namespace

DotInput::DotInput(const int8_t* x, int32_t zero_point, int32_t count)
    : x_(x), zero_point_(zero_point), count_(count) {
  if (zero_point == 0) return;
  const S8x16 zero_points = SplatS8(zero_point);
  // About what a second product costs.
  const int32_t worth = internal::Quotient(count + 15, 16);
  const int32_t most = worth < kMostWide ? worth : kMostWide;
  for (int32_t i = 0; i < count; i += 16) {
    const int32_t here = count - i;
    uint32_t wide = LanesWide(LoadS8(x + i, here), zero_points);
    if (here < 16) wide &= (1u << here) - 1;
    for (; wide != 0; wide &= wide - 1) {
      if (wide_ >= most) {
        wide_ = kManyWide;
        return;
      }
      wide_at_[wide_++] = i + __builtin_ctz(wide);
    }
  }
}

// Of a multiple of six rows.
void DotInput::SixesOfProducts(const int32_t* from, const int8_t* w, int32_t rows,
                               int32_t* sums) const {
  const int32_t missing = zero_point_ < 0 ? 256 : -256;
  for (int32_t i = 0; i < wide_; i += 2, from = sums) {
    // The last of an odd number is two halves.
    const int32_t j = i + 1 < wide_ ? i + 1 : i;
    AddTwoColumns(from, w, count_, wide_at_[i], wide_at_[j], i != j ? missing : missing / 2, rows,
                  sums);
  }
  if (from != sums) CopyS32(from, rows, sums);
  RowsLoop loop = {x_, count_, sums, sums + rows, -count_ & 15, w, Form::kWrapped};
  int32_t operand = zero_point_, offset = 0;
  const bool negated = wide_ == kManyWide && zero_point_ == INT8_MIN;
  if (wide_ == kManyWide) {
    loop.form = Form::kOffset;
    operand = negated ? -1 : 0, offset = negated ? -127 : -zero_point_;
  }
  if (negated) Negate(sums, rows);
  RunRows(loop, SplatS8(operand), SplatS8(offset));
  if (negated) Negate(sums, rows);
}

void DotInput::Products(const int32_t* from, const int8_t* w, int32_t rows, int32_t* sums) const {
  int32_t k = 0;
  if (count_ > 0 && rows >= kRowsAtOnce) {
    k = rows - rows % kRowsAtOnce;
    SixesOfProducts(from, w, k, sums);
    if (rows - k > 2) {  // six again cost less than one at a time
      k = rows - kRowsAtOnce;
      SixesOfProducts(from + k, w + k * count_, kRowsAtOnce, sums + k);
      return;
    }
  }
  w += k * count_;
  for (; k < rows; ++k, w += count_) {
    const int32_t part = MultiplyWrapping(zero_point_, Sum(w, count_, 0));
    sums[k] = AddWrapping(Dot(x_, w, count_, from[k]), MultiplyWrapping(part, -1));
  }
}

void SumRows(const int8_t* w, int32_t count, int32_t rows, int32_t* sums) {
  const int32_t in_loop = rows - internal::Remainder(rows, kRowsAtOnce);
  if (in_loop != 0) {
    std::memset(sums, 0, static_cast<size_t>(in_loop) * sizeof *sums);
    RowsLoop loop = {w, count, sums, sums + in_loop, -count & 15, w, Form::kNone};
    RunRows(loop, SplatS8(1), SplatS8(0));
  }
  for (int32_t k = in_loop; k < rows; ++k) sums[k] = Sum(w + k * count, count, 0);
}

void MakeBiases(const int32_t* bias, int32_t factor, int32_t count, int32_t* sums) {
#if MIDGE_ARM_MVE_ASM
  if (bias == nullptr) bias = sums, --factor;
  S32x4 b, v;
  asm volatile(
      "dlstp.32   lr, %[count]\n"
      "1:\n\t"
      "vldrw.32   %q[v], [%[sums]]\n\t"
      "vldrw.32   %q[b], [%[bias]], #16\n\t"
      "vmla.s32   %q[b], %q[v], %[factor]\n\t"
      "vstrw.32   %q[b], [%[sums]], #16\n\t"
      "letp       lr, 1b"
      : [bias] "+r"(bias), [sums] "+r"(sums), [b] "=&w"(b), [v] "=&w"(v)
      : [factor] "r"(factor), [count] "r"(count)
      : "lr", "memory");
#else
  for (int32_t k = 0; k < count; ++k) {
    sums[k] = AddWrapping(bias != nullptr ? bias[k] : 0, MultiplyWrapping(factor, sums[k]));
  }
#endif
}

}  // namespace midge::arm_mve
