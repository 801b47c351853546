// SPDX-License-Identifier: Apache-2.0
#include "plan_file.h"

#include <algorithm>
#include <cstring>

#include "embedded_plan.h"
#include "flatbuffers/flatbuffers.h"

namespace midge_tool {
namespace {

// Fields of the root table `Model` (schema/midge.fbs), of which the new root takes over all.
enum : uint16_t {
  kVersion = 0,
  kBuffers = 4,
  kMetadata = 6,
  kModelFields = 8,
};

// Little-endian bytes that are written front to back: in a FlatBuffer references point forwards, so
// a front part can refer to everything behind it.
class Front {
 public:
  size_t size() const { return bytes_.size(); }
  void Align(size_t alignment, size_t ahead = 0) {
    while ((bytes_.size() + ahead) % alignment != 0) bytes_.push_back(0);
  }
  template <typename T>
  size_t Put(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
    return at;
  }
  template <typename T>
  void Set(size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  void Append(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  // Makes the 32-bit word at `at` refer to `target`.
  void Refer(size_t at, size_t target) { Set(at, static_cast<uint32_t>(target - at)); }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// A table of 32-bit fields; 0xffff: the field is absent. Returns where each present field lies.
std::vector<size_t> PutTable(Front* front, const std::vector<bool>& present) {
  front->Align(4);
  std::vector<uint16_t> vtable = {static_cast<uint16_t>(4 + 2 * present.size()), 0};
  uint16_t next = 4;
  for (const bool field : present) {
    vtable.push_back(field ? next : uint16_t{0});
    if (field) next = static_cast<uint16_t>(next + 4);
  }
  vtable[1] = next;
  const size_t vtable_at = front->size();
  for (const uint16_t entry : vtable) front->Put(entry);
  front->Align(4);
  const size_t table = front->Put(static_cast<int32_t>(front->size() - vtable_at));
  std::vector<size_t> fields = {table};
  for (const bool field : present) fields.push_back(field ? front->Put(uint32_t{0}) : 0);
  return fields;  // [0] is the table itself, [1 + i] is field i
}

// The old file behind a new root whose metadata holds `payload`. `*payload_at` is where that
// begins.
std::vector<uint8_t> WithMetadata(midge::Span<const uint8_t> old,
                                  const std::vector<uint8_t>& payload, size_t* payload_at) {
  using Offsets = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(old.data());
  const auto field = [&](int id) {
    return root->GetPointer<const uint8_t*>(static_cast<flatbuffers::voffset_t>(4 + 2 * id));
  };
  const auto* buffers = reinterpret_cast<const Offsets*>(field(kBuffers));
  const auto* metadata = reinterpret_cast<const Offsets*>(field(kMetadata));
  const uint32_t buffer_count = buffers->size();

  // Entries of the old list but for an earlier plan.
  std::vector<const uint8_t*> kept;
  for (uint32_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    const auto* entry = metadata->Get(i);
    const auto* name = entry->GetPointer<const flatbuffers::String*>(4);
    if (name == nullptr || name->str() != midge::internal::kPlanMetadataName) {
      kept.push_back(reinterpret_cast<const uint8_t*>(entry));
    }
  }

  Front front;
  const size_t root_at = front.Put(uint32_t{0});
  front.Append("TFL3", 4);
  std::vector<bool> present(kModelFields);
  for (int id = 0; id < kModelFields; ++id) {
    present[static_cast<size_t>(id)] = id == kVersion || id == kMetadata || field(id) != nullptr;
  }
  const std::vector<size_t> model = PutTable(&front, present);
  front.Refer(root_at, model[0]);
  front.Set(model[1 + kVersion], root->GetField<uint32_t>(4 + 2 * kVersion, 0));

  // References into the old part are set once its place is known.
  struct Fixup {
    size_t at;
    const uint8_t* target;
  };
  std::vector<Fixup> fixups;
  for (int id = 0; id < kModelFields; ++id) {
    if (id == kVersion || id == kBuffers || id == kMetadata || field(id) == nullptr) continue;
    fixups.push_back({model[static_cast<size_t>(1 + id)], field(id)});
  }
  front.Align(4);
  front.Refer(model[1 + kBuffers], front.size());
  front.Put(buffer_count + 1);
  for (uint32_t i = 0; i < buffer_count; ++i) {
    fixups.push_back({front.Put(uint32_t{0}), reinterpret_cast<const uint8_t*>(buffers->Get(i))});
  }
  const size_t new_buffer = front.Put(uint32_t{0});
  front.Refer(model[1 + kMetadata], front.size());
  front.Put(static_cast<uint32_t>(kept.size() + 1));
  for (const uint8_t* entry : kept) fixups.push_back({front.Put(uint32_t{0}), entry});
  const size_t new_entry = front.Put(uint32_t{0});

  const std::vector<size_t> entry = PutTable(&front, {true, true});  // name, buffer
  front.Refer(new_entry, entry[0]);
  front.Set(entry[2], buffer_count);
  front.Refer(entry[1], front.size());
  const size_t name_length = std::strlen(midge::internal::kPlanMetadataName);
  front.Put(static_cast<uint32_t>(name_length));
  front.Append(midge::internal::kPlanMetadataName, name_length + 1);

  const std::vector<size_t> buffer = PutTable(&front, {true});  // data
  front.Refer(new_buffer, buffer[0]);
  front.Align(16, 4);
  front.Refer(buffer[1], front.size());
  front.Put(static_cast<uint32_t>(payload.size()));
  *payload_at = front.size();
  front.Append(payload.data(), payload.size());

  front.Align(16);
  const size_t old_at = front.size();
  for (const Fixup& fixup : fixups) {
    front.Refer(fixup.at, old_at + static_cast<size_t>(fixup.target - old.data()));
  }
  front.Append(old.data(), old.size());
  return std::move(front.bytes());
}

}  // namespace

midge::Status MakePlannedFile(const midge::Model& model, midge::OpResolverView ops,
                              const HostPlanOptions& options, std::vector<uint8_t>* file,
                              HostPlan* plan) {
  // The plan refers to constants by their place in the file, which the plan's own size moves: so
  // once for the size, and again for the final places.
  MIDGE_TRY(MakeHostPlan(model, ops, options, plan));
  midge::internal::EmbeddedPlanHeader header = {midge::internal::kPlanFormat,
                                                static_cast<uint32_t>(plan->program.size()),
                                                plan->activation_bytes,
                                                plan->variable_bytes,
                                                plan->work_bytes,
                                                plan->fed_counts_bytes};
  std::vector<uint8_t> payload(sizeof header + plan->program.size());
  size_t payload_at;
  *file = WithMetadata(model.bytes(), payload, &payload_at);
  const midge::Result<midge::Model> final_model =
      midge::Model::Verify({file->data(), file->size()});
  MIDGE_TRY(final_model.status());
  MIDGE_TRY(MakeHostPlan(*final_model, ops, options, plan));
  std::memcpy(file->data() + payload_at, &header, sizeof header);
  std::copy(plan->program.begin(), plan->program.end(), file->data() + payload_at + sizeof header);
  return {};
}

}  // namespace midge_tool
