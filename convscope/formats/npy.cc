#include "convscope/formats/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/moved_axes.h"
#include "convscope/formats/internal/stored_type.h"

namespace convscope {
namespace {

static_assert(std::endian::native == std::endian::little, "only little-endian machines are supported");

constexpr std::string_view kMagic("\x93NUMPY", 6);

struct Header {
  std::string type;  // without the byte order: "f4"
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
};

// Reads the header, a Python dictionary such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, whose
// three entries may come in any order.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Header Parse() {
    Expect('{');
    while (!Accept('}')) {
      const std::string key = Quoted();
      Expect(':');
      if (key == "descr" && !descr_) {
        descr_ = Quoted();
      } else if (key == "fortran_order" && !fortran_order_) {
        fortran_order_ = Truth();
      } else if (key == "shape" && !shape_) {
        shape_ = Lengths();
      } else {
        Fail("each of 'descr', 'fortran_order' and 'shape' once", Concat('\'', key, '\''));
      }
      if (!Accept(',')) {
        Expect('}');
        break;
      }
    }
    SkipBlanks();
    if (!text_.empty()) Fail("nothing after the closing brace", Beginning());
    if (!descr_ || !fortran_order_ || !shape_) Fail("'descr', 'fortran_order' and 'shape'", "only some of them");
    const bool ordered = !descr_->empty() && std::string_view("<>|=").find((*descr_)[0]) != std::string_view::npos;
    return {.type = descr_->substr(ordered ? 1 : 0),
            .big_endian = ordered && (*descr_)[0] == '>',
            .fortran_order = *fortran_order_,
            .shape = Shape(*shape_)};
  }

 private:
  [[noreturn]] void Fail(const std::string& wanted, const std::string& received) const {
    throw Error({.where = where_, .rule = "the header of an .npy file must hold " + wanted, .received = received});
  }
  std::string Beginning() const { return text_.empty() ? "its end" : Concat('"', text_.substr(0, 20), '"'); }

  void SkipBlanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool Accept(char wanted) {
    SkipBlanks();
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  void Expect(char wanted) {
    if (!Accept(wanted)) Fail(Concat('\'', wanted, "' here"), Beginning());
  }
  bool AcceptWord(std::string_view word) {
    SkipBlanks();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::string Quoted() {
    SkipBlanks();
    const char quote = text_.empty() ? '\0' : text_[0];
    const size_t end = quote == '\'' || quote == '"' ? text_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) Fail("a quoted word here (arrays of records are not read)", Beginning());
    std::string word(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return word;
  }
  bool Truth() {
    if (AcceptWord("True")) return true;
    if (!AcceptWord("False")) Fail("True or False here", Beginning());
    return false;
  }
  std::vector<int64_t> Lengths() {
    std::vector<int64_t> lengths;
    Expect('(');
    while (!Accept(')')) {
      SkipBlanks();
      const size_t end = text_.find_first_not_of("0123456789");
      const std::string_view digits = text_.substr(0, end);
      if (digits.empty()) Fail("a length here", Beginning());
      lengths.push_back(ParseInteger(digits, where_));
      text_.remove_prefix(digits.size());
      AcceptWord("L");  // Python 2 wrote (3L, 4L)
      if (!Accept(',')) {
        Expect(')');
        break;
      }
    }
    return lengths;
  }

  std::string_view text_;
  const std::string& where_;
  std::optional<std::string> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<int64_t>> shape_;
};

using internal::StoredType, internal::Widen, internal::WidenBool, internal::WidenHalf;

constexpr std::array<StoredType, 11> kTypes = {{
    {"f4", 4, DType::kFloat32},
    {"f8", 8, DType::kFloat64},
    {"u1", 1, DType::kUInt8},
    {"i1", 1, DType::kInt8},
    {"i4", 4, DType::kInt32},
    {"i8", 8, DType::kInt64},
    {"b1", 1, DType::kBool, WidenBool},
    {"f2", 2, DType::kFloat32, WidenHalf},
    {"i2", 2, DType::kInt32, Widen<int16_t, int32_t>},
    {"u2", 2, DType::kInt32, Widen<uint16_t, int32_t>},
    {"u4", 4, DType::kInt64, Widen<uint32_t, int64_t>},
}};

const StoredType& FindType(const std::string& name, const std::string& where) {
  for (const StoredType& type : kTypes) {
    if (type.name == name) return type;
  }
  throw Error({.where = where,
               .rule = "the numbers of an .npy file must be f2, f4, f8, i1, i2, i4, i8, u1, u2, u4 or b1",
               .received = Concat('"', name, '"'),
               .fix = "convert it: numpy.save(name, array.astype('float32'))"});
}

std::string_view NameOnDisk(DType dtype) {
  for (const StoredType& type : kTypes) {
    if (type.dtype == dtype) return type.name;
  }
  return "";
}

// The array's bytes with the low byte of each element first.
std::string LittleEndian(std::string_view data, size_t element_bytes) {
  std::string swapped(data);
  for (size_t i = 0; i < swapped.size(); i += element_bytes) {
    std::reverse(swapped.begin() + i, swapped.begin() + i + element_bytes);
  }
  return swapped;
}

// The array's bytes in row-major order; in Fortran's order the first axis is contiguous, as if the axes were turned
// around.
std::string RowMajor(std::string_view data, const Shape& shape, size_t element_bytes) {
  std::string ordered(data.size(), '\0');
  const std::vector<int64_t> turned(shape.lengths().rbegin(), shape.lengths().rend());
  std::vector<int64_t> axes;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) axes.push_back(axis);
  internal::MoveAxes(reinterpret_cast<const std::byte*>(data.data()), reinterpret_cast<std::byte*>(ordered.data()),
                     Shape(turned), element_bytes, axes);
  return ordered;
}

// Where the header of a file lies.
struct HeaderPlace {
  size_t start = 0, length = 0;
};

HeaderPlace FindHeader(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with(kMagic)) {
    throw Error({.where = where,
                 .rule = "an .npy file must begin with \\x93NUMPY",
                 .received = bytes.empty() ? "an empty file" : "other bytes",
                 .fix = "write it with numpy.save"});
  }
  const auto byte = [&](size_t i) -> size_t { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0; };
  const size_t version = byte(6);
  if (bytes.size() > 6 && (version < 1 || version > 3)) {
    throw Error({.where = where, .rule = "the version of an .npy file must be 1, 2 or 3", .received = Concat(version)});
  }
  const size_t start = version == 1 ? 10 : 12;
  const size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  return {start, length};
}

// Splits the bytes of a file into the text of its header and its data.
std::pair<std::string_view, std::string_view> SplitHeader(std::string_view bytes, const std::string& where) {
  const auto [start, length] = FindHeader(bytes, where);
  if (bytes.size() < start || bytes.size() - start < length) {
    throw Error({.where = where,
                 .rule = "an .npy file must hold the header that it announces",
                 .received = Concat("a file of ", bytes.size(), " bytes"),
                 .fix = "the file is truncated: get it again"});
  }
  return {bytes.substr(start, length), bytes.substr(start + length)};
}

// Of an array within the limits.
Header ParseHeader(std::string_view text, const std::string& where, const NpyLimits& limits) {
  Header header;
  try {
    header = HeaderParser(text, where).Parse();
  } catch (const Error& error) {
    // Shape does not know which file it is in.
    if (error.parts().where == where) throw;
    throw error.At(where);
  }
  FindType(header.type, where);  // a type that is not read is told of first
  if (header.shape.NumElements() > limits.elements) {
    throw Error({.where = where,
                 .rule = Concat("an array may have at most ", limits.elements, " elements"),
                 .received = Concat("shape ", header.shape.ToString())});
  }
  return header;
}

void Write(DType dtype, const Shape& shape, std::string_view data, const std::filesystem::path& path) {
  const std::string header = NpyHeader(dtype, shape);
  const std::array<std::string_view, 2> pieces = {header, data};
  WriteFileAtomically(path, pieces);
}

}  // namespace

std::string NpyHeader(DType dtype, const Shape& shape) {
  std::string lengths;
  for (const int64_t length : shape.lengths()) lengths += Concat(length, ", ");
  // NumPy writes (3, 4) and (3,).
  if (shape.rank() > 0) lengths.resize(lengths.size() - (shape.rank() == 1 ? 1 : 2));
  std::string header = Concat("{'descr': '", SizeInBytes(dtype) == 1 ? '|' : '<', NameOnDisk(dtype),
                              "', 'fortran_order': False, 'shape': (", lengths, "), }");
  const size_t start = kMagic.size() + 4;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::string front(kMagic);
  front += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return front + header;
}

int64_t StatedNpyBytes(std::string_view beginning, const std::string& where, const NpyLimits& limits) {
  constexpr size_t kLongestStart = 12;
  constexpr size_t kMostHeaderBytes = size_t{1} << 20;  // NumPy reads 10,000
  if (beginning.size() < kLongestStart) return -1;
  const auto [start, length] = FindHeader(beginning, where);
  if (length > kMostHeaderBytes) {
    throw Error({.where = where,
                 .rule = Concat("the header of an .npy file may have at most ", kMostHeaderBytes, " bytes"),
                 .received = Concat(length)});
  }
  if (beginning.size() < start + length) return -1;
  const Header header = ParseHeader(beginning.substr(start, length), where, limits);
  const auto element_bytes = static_cast<int64_t>(FindType(header.type, where).bytes);
  return static_cast<int64_t>(start + length) + header.shape.NumElements() * element_bytes;
}

Tensor ParseNpy(std::string_view bytes, const std::string& where, const NpyLimits& limits) {
  const auto [header_text, data] = SplitHeader(bytes, where);
  const Header header = ParseHeader(header_text, where, limits);
  const StoredType& type = FindType(header.type, where);
  const int64_t count = header.shape.NumElements();
  const int64_t wanted = count * static_cast<int64_t>(type.bytes);
  if (static_cast<int64_t>(data.size()) != wanted) {
    throw Error({.where = where,
                 .rule = Concat("shape ", header.shape.ToString(), " of type ", header.type, " must be followed by ",
                                wanted, " bytes"),
                 .received = Concat(data.size()),
                 .fix = "the file is damaged: get it again"});
  }
  std::string rearranged;  // empty in the common case: little endian, row-major
  std::string_view elements = data;
  if (header.big_endian && type.bytes > 1) elements = rearranged = LittleEndian(elements, type.bytes);
  if (header.fortran_order && header.shape.rank() > 1) {
    rearranged = RowMajor(elements, header.shape, type.bytes);
    elements = rearranged;
  }
  Tensor array(header.shape, type.dtype);
  const auto* in = reinterpret_cast<const std::byte*>(elements.data());
  if (type.widen != nullptr) {
    type.widen(in, array.bytes(), count);
  } else if (wanted > 0) {
    std::memcpy(array.bytes(), in, static_cast<size_t>(wanted));
  }
  return array;
}

Tensor ReadNpy(const std::filesystem::path& path, const NpyLimits& limits) {
  return ParseNpy(ReadFile(path, limits.bytes), path.string(), limits);
}

void WriteNpy(const Tensor& array, const std::filesystem::path& path) {
  Write(array.dtype(), array.shape(),
        {reinterpret_cast<const char*>(array.bytes()), static_cast<size_t>(array.SizeInBytes())}, path);
}

void WriteNpy(TensorView<const float> array, const std::filesystem::path& path) {
  Write(DType::kFloat32, array.shape(),
        {reinterpret_cast<const char*>(array.data()), static_cast<size_t>(array.size()) * sizeof(float)}, path);
}

}  // namespace convscope
