#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks midge.fbs against the code that flatc generated from the format's own schema.

The reference is `ai_edge_litert/schema_py_generated.py`, which the PyPI package ai-edge-litert
carries. It is parsed, never imported, so that this script needs nothing but Python.

Checked for each table that midge.fbs declares: that the format has a field of that name with that
id, wire type and default; that unions are declared as a number and an opaque table; that each id
which the format has given up is marked `deprecated`. Checked for each enum: that both sides have
the same members with the same numbers. Checked once: the file identifier.
"""

import argparse
import ast
import dataclasses
import pathlib
import re
import sys

# Enums that the format has as a union: our name, the reference's.
UNION_ENUMS = {"OptionsType": "BuiltinOptions"}
# Tables of ours that stand for any table of the format.
OPAQUE_TABLES = {"Options", "Opaque"}

SCALARS = {
    "bool": "Bool", "byte": "Int8", "ubyte": "Uint8", "short": "Int16", "ushort": "Uint16",
    "int": "Int32", "uint": "Uint32", "long": "Int64", "ulong": "Uint64", "float": "Float32",
    "double": "Float64",
}


@dataclasses.dataclass
class Field:
  """One field of a table. `type` is a scalar's name as in SCALARS' values, "string", "union", a
  table's name, or any of these in brackets for a vector."""
  id: int
  type: str
  default: float
  unread: bool = False


@dataclasses.dataclass
class Schema:
  tables: dict  # name -> {field name in lower case without underscores: Field}
  enums: dict  # name -> {member: number}
  identifier: str


class SchemaError(Exception):
  pass


def plain(name):
  """A field's name without the spelling (snake_case, CamelCase) that a generator gives it."""
  return name.replace("_", "").lower()


# ----------------------------------------------------------------------------------------------
# Ours


class FbsParser:
  """Reads the part of the FlatBuffers schema language that midge.fbs uses, and refuses the rest:
  what it does not understand it could not check."""

  TOKEN = re.compile(r'\s+|//[^\n]*|"[^"]*"|[A-Za-z_][A-Za-z0-9_.]*|-?[0-9.]+|[{}()\[\]:;,=]')

  def __init__(self, text):
    self.tokens = []
    position = 0
    while position < len(text):
      match = self.TOKEN.match(text, position)
      if not match:
        raise SchemaError(f"cannot read: {text[position:position + 40]!r}")
      token = match.group()
      if not token.isspace() and not token.startswith("//"):
        self.tokens.append(token)
      position = match.end()
    self.next = 0

  def take(self, expected=None):
    if self.next == len(self.tokens):
      raise SchemaError("unexpected end of file")
    token = self.tokens[self.next]
    if expected is not None and token != expected:
      context = " ".join(self.tokens[max(0, self.next - 6):self.next + 1])
      raise SchemaError(f"expected {expected!r} at the end of: {context}")
    self.next += 1
    return token

  def at(self, token):
    return self.next < len(self.tokens) and self.tokens[self.next] == token

  def parse(self):
    tables, enums, enum_types, identifier = {}, {}, {}, None
    while self.next < len(self.tokens):
      keyword = self.take()
      if keyword in ("namespace", "root_type", "file_extension"):
        self.take()
        self.take(";")
      elif keyword == "file_identifier":
        identifier = self.take().strip('"')
        self.take(";")
      elif keyword == "enum":
        name = self.take()
        self.take(":")
        enum_types[name] = SCALARS[self.take()]
        enums[name] = self.enum_members(name)
      elif keyword == "table":
        name = self.take()
        if name in tables:
          raise SchemaError(f"table {name} is declared twice")
        tables[name] = self.table_fields(name)
      else:
        raise SchemaError(f"unexpected {keyword!r}")
    for fields in tables.values():
      for field in fields.values():
        element = field.type.strip("[]")
        wire = SCALARS.get(element) or enum_types.get(element)
        if wire:
          field.type = field.type.replace(element, wire)
        elif element != "string" and element not in tables:
          raise SchemaError(f"unknown type {element}")
    return Schema(tables, enums, identifier)

  def enum_members(self, enum):
    members = {}
    self.take("{")
    while not self.at("}"):
      name = self.take()
      if name in members:
        raise SchemaError(f"{enum}.{name} is declared twice")
      self.take("=")
      members[name] = int(self.take())
      if not self.at("}"):
        self.take(",")
    self.take("}")
    return members

  def table_fields(self, table):
    fields = {}
    self.take("{")
    while not self.at("}"):
      name = self.take()
      self.take(":")
      type_name = self.take()
      if type_name == "[":
        type_name = f"[{self.take()}]"
        self.take("]")
      default = 0
      if self.at("="):
        self.take("=")
        token = self.take()
        default = {"true": 1, "false": 0}[token] if token in ("true", "false") else float(token)
      self.take("(")
      self.take("id")
      self.take(":")
      field = Field(int(self.take()), type_name, default)
      if self.at(","):
        self.take(",")
        self.take("deprecated")
        field.unread = True
      self.take(")")
      self.take(";")
      if plain(name) in fields:
        raise SchemaError(f"{table}.{name} is declared twice")
      fields[plain(name)] = field
    self.take("}")
    return fields


# ----------------------------------------------------------------------------------------------
# The format's


def accessor_type(function):
  """The type of what a generated accessor of a non-scalar field returns."""
  body = ast.unparse(function)
  tables = re.findall(r"\bobj = (\w+)\(", body)
  if "_tab.Union(" in body:
    return "union"
  if "_tab.String(" in body:
    element = "string"
  elif tables:
    element = tables[-1]
  else:
    flags = re.search(r"_tab\.Get\(flatbuffers\.number_types\.(\w+)Flags", body)
    if not flags:
      raise SchemaError(f"cannot tell what {function.name} returns")
    element = flags.group(1)
  return f"[{element}]" if "_tab.Vector(" in body else element


def read_reference(path):
  module = ast.parse(path.read_text(encoding="utf-8"))
  classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
  functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]

  enums = {}
  for name, node in classes.items():
    if all(isinstance(item, ast.Assign) for item in node.body):
      enums[name] = {item.targets[0].id: ast.literal_eval(item.value) for item in node.body}

  # A table's fields: `<Table>Add<Field>(builder, value)` calls
  # `builder.Prepend<Kind>Slot(id, value, default)`.
  tables = {name: {} for name, node in classes.items() if name not in enums and
            any(isinstance(item, ast.FunctionDef) and item.name == "Init" for item in node.body)}
  for function in functions:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and
             isinstance(node.func, ast.Attribute) and
             re.fullmatch(r"Prepend\w+Slot", node.func.attr)]
    if not calls:
      continue
    # Table and field names may contain "Add" themselves: the table is the one that exists.
    owners = [name for name in tables if function.name.startswith(name + "Add")]
    if len(owners) != 1 or len(calls) != 1:
      raise SchemaError(f"cannot read {function.name}")
    table, name = owners[0], function.name[len(owners[0]) + len("Add"):]
    kind = calls[0].func.attr[len("Prepend"):-len("Slot")]
    field_id = ast.literal_eval(calls[0].args[0])
    default = ast.literal_eval(calls[0].args[2])
    accessor = next(item for item in classes[table].body
                    if isinstance(item, ast.FunctionDef) and item.name == name)
    if kind == "UOffsetTRelative":
      kind = accessor_type(accessor)
    # The reader's side states the id once more, as an offset into the vtable.
    if f"_tab.Offset({4 + 2 * field_id})" not in ast.unparse(accessor):
      raise SchemaError(f"{table}.{name}: builder and accessor disagree about the id")
    tables[table][plain(name)] = Field(field_id, kind, float(default))

  # Every table has a function that compares the file identifier, a bytes literal.
  identifiers = {node.value.decode() for node in ast.walk(classes["Model"])
                 if isinstance(node, ast.Constant) and isinstance(node.value, bytes)}
  if len(identifiers) != 1:
    raise SchemaError(f"cannot tell the file identifier: {identifiers}")
  return Schema(tables, enums, identifiers.pop())


# ----------------------------------------------------------------------------------------------
# Comparison


def same_type(ours, theirs):
  if ours.strip("[]") in OPAQUE_TABLES:
    scalar_or_string = set(SCALARS.values()) | {"string"}
    return (ours.startswith("[") == theirs.startswith("[") and
            theirs.strip("[]") not in scalar_or_string)
  return ours == theirs


def compare_tables(ours, theirs, errors):
  checked = 0
  for table, fields in ours.tables.items():
    if table in OPAQUE_TABLES:
      if fields:
        errors.append(f"{table}: an opaque table has no fields")
      continue
    if table not in theirs.tables:
      errors.append(f"{table}: the format has no such table")
      continue
    for name, field in fields.items():
      checked += 1
      reference = theirs.tables[table].get(name)
      if reference is None:
        if not field.unread or field.id in {f.id for f in theirs.tables[table].values()}:
          errors.append(f"{table}.{name}: the format has no such field")
      elif field.id != reference.id:
        errors.append(f"{table}.{name}: id {field.id}, in the format {reference.id}")
      elif not same_type(field.type, reference.type):
        errors.append(f"{table}.{name}: type {field.type}, in the format {reference.type}")
      elif field.default != reference.default:
        errors.append(f"{table}.{name}: default {field.default}, in the format {reference.default}")
  return checked


def compare_enums(ours, theirs, errors):
  checked = 0
  for enum, members in ours.enums.items():
    reference = theirs.enums.get(UNION_ENUMS.get(enum, enum))
    if reference is None:
      errors.append(f"{enum}: the format has no such enum")
      continue
    if enum in UNION_ENUMS:
      reference = {("None" if name == "NONE" else name): n for name, n in reference.items()}
    for name, number in members.items():
      checked += 1
      if name not in reference:
        errors.append(f"{enum}.{name}: the format has no such member")
      elif number != reference[name]:
        errors.append(f"{enum}.{name}: {number}, in the format {reference[name]}")
    for name in reference.keys() - members.keys():
      errors.append(f"{enum}.{name} = {reference[name]} is missing")
  return checked


def left_out(ours, theirs):
  """Tables and fields of the format that midge.fbs does not declare or does not read."""
  lines = []
  for table, reference in sorted(theirs.tables.items()):
    if table not in ours.tables:
      if reference:
        lines.append(f"table {table}")
      continue
    for name, field in sorted(reference.items(), key=lambda item: item[1].id):
      if name not in ours.tables[table] or ours.tables[table][name].unread:
        lines.append(f"field {table}.{name} (id {field.id})")
  return lines


def main():
  parser = argparse.ArgumentParser(
      description="Check the field ids, types, defaults and enum numbers of midge.fbs against the "
      "generated Python code of the format's own schema.",
      epilog="Exit status: 0 all equal, 1 something differs, 2 a file cannot be read.")
  parser.add_argument("reference", type=pathlib.Path,
                      help="ai_edge_litert/schema_py_generated.py, from the PyPI package "
                      "ai-edge-litert")
  parser.add_argument("--schema", type=pathlib.Path,
                      default=pathlib.Path(__file__).with_name("midge.fbs"),
                      help="the schema to check (default: the midge.fbs beside this script)")
  parser.add_argument("--left-out", action="store_true",
                      help="also list the tables and fields that the schema does not read")
  arguments = parser.parse_args()

  try:
    ours = FbsParser(arguments.schema.read_text(encoding="utf-8")).parse()
    theirs = read_reference(arguments.reference)
  except (OSError, SyntaxError, SchemaError, UnicodeDecodeError) as error:
    print(f"check_ids: {error}", file=sys.stderr)
    return 2

  errors = []
  if ours.identifier != theirs.identifier:
    errors.append(f"file identifier {ours.identifier}, in the format {theirs.identifier}")
  fields = compare_tables(ours, theirs, errors)
  members = compare_enums(ours, theirs, errors)

  if arguments.left_out:
    print("\n".join(left_out(ours, theirs)))
  for error in errors:
    print(f"check_ids: {error}", file=sys.stderr)
  if errors:
    return 1
  print(f"{len(ours.tables)} tables, {fields} fields, {len(ours.enums)} enums, {members} members: "
        "all as in the format")
  return 0


if __name__ == "__main__":
  sys.exit(main())
