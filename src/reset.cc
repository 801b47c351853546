// SPDX-License-Identifier: Apache-2.0
//
// What Reset() does for models with variables. Only images with ops that keep some link this.
#include <cstring>
#include <initializer_list>

#include "midge/interpreter.h"
#include "midge/record.h"
#include "segment.h"

namespace midge::internal {

Status ResetState(Interpreter& interpreter) {
  const Model& model = interpreter.model_;
  for (int t = 0; t < model.tensor_count(); ++t) {
    if (!model.is_variable(t)) continue;
    const TensorView variable = interpreter.tensor(t);
    const Span<uint8_t> bytes = variable.mutable_bytes();
    // What the field starts with: the real number 0 in int8, zero bytes in all other types.
    const int value = variable.type() == TensorType::kInt8 ? variable.zero_point() : 0;
    if (!bytes.empty()) std::memset(bytes.data(), value, bytes.size());
  }
  for (const EvalMoment moment : {EvalMoment::kClear, EvalMoment::kInitialize}) {
    RunState run = interpreter.NewRun(moment);
    const uint32_t* words = interpreter.first_record_;
    for (int n = 0; n < model.node_count(); ++n) {
      const RecordView record(words);
      if (record.at_reset()) {
        const EvalContext context(words, interpreter.bytes_.data(), interpreter.Activations(), 0, 0,
                                  &run);
        const Status status = OpOf(interpreter.ops_, record).eval(context, Rows::All());
        if (!status.ok()) return Status(status.code(), n, status.operand());
      }
      words += record.size_bytes() / 4;
    }
  }
  return {};
}

}  // namespace midge::internal
