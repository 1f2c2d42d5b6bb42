import Foundation
import RecurContainers
import RecurTestSupport

/// A validator for the keywords that `docs/schema` uses (JSON Schema, draft 2020-12).
///
/// Unlike the standard, this validator refuses members that the schema does not list, because no
/// report may have an undescribed member.
struct JSONSchema {
  private let root: JSONValue

  /// The schema in `docs/schema`.
  init(_ name: String) throws {
    let url = TestData.root.appending(path: "docs/schema/\(name)")
    root = try Self.parse(String(contentsOf: url, encoding: .utf8))
  }

  static func parse(_ text: String) throws -> JSONValue {
    try JSONParser.parse(TestData.region(Array(text.utf8)))
  }

  /// The errors in a value, one sentence each.
  func problems(_ value: JSONValue, as definition: String? = nil) -> [String] {
    var schema = root
    if let definition {
      guard let found = root["$defs"]?[definition] else { return ["no definition '\(definition)'"] }
      schema = found
    }
    var known: Set<String> = []
    var problems = self.problems(value, schema, "", &known)
    if let members = value.object, definition == nil {
      for name in members.names where !known.contains(name) {
        problems.append("'\(name)' is not described in docs/schema")
      }
    }
    return problems
  }

  private func problems(
    _ value: JSONValue, _ schema: JSONValue, _ path: String, _ known: inout Set<String>
  ) -> [String] {
    if let isAllowed = schema.bool { return isAllowed ? [] : ["\(path) must not be there"] }
    var problems: [String] = []
    for keyword in schema.object?.members ?? [] {
      let rule = keyword.value
      switch keyword.name {
      case "$ref":
        let name = rule.string?.split(separator: "/").last.map(String.init) ?? ""
        guard let target = root["$defs"]?[name] else { return ["\(path): no definition '\(name)'"] }
        problems += self.problems(value, target, path, &known)
      case "type":
        let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
        if !types.contains(where: { matches(value, $0) }) {
          problems.append("\(path) is \(value.kind), not \(types.joined(separator: " or "))")
        }
      case "const": if value != rule { problems.append("\(path) is not \(rule.text)") }
      case "enum":
        if rule.array?.contains(value) != true { problems.append("\(path) is not in \(rule.text)") }
      case "minimum":
        if let number = value.double, number < rule.double ?? 0 {
          problems.append("\(path) is below \(rule.text)")
        }
      case "required":
        for name in rule.array?.compactMap(\.string) ?? []
        where value.object != nil && value[name] == nil {
          problems.append("\(path) lacks '\(name)'")
        }
      case "properties":
        for member in value.object?.members ?? [] {
          guard let inner = rule[member.name] else { continue }
          known.insert(member.name)
          problems += closed(member.value, inner, "\(path)/\(member.name)")
        }
      case "items":
        for (index, element) in (value.array ?? []).enumerated() {
          problems += closed(element, rule, "\(path)/\(index)")
        }
      case "allOf":
        for part in rule.array ?? [] { problems += self.problems(value, part, path, &known) }
      case "oneOf":
        let failures = (rule.array ?? []).map { closed(value, $0, path) }
        if failures.count(where: \.isEmpty) != 1 {
          problems.append("\(path) fits none: \(failures.map { $0.joined(separator: "; ") })")
        }
      case "if":
        var tried: Set<String> = []
        if self.problems(value, rule, path, &tried).isEmpty, let then = schema["then"] {
          problems += self.problems(value, then, path, &known)
        }
      case "then", "title", "description", "$schema", "$defs": break
      default: problems.append("the validator does not know '\(keyword.name)'")
      }
    }
    return problems
  }

  private func closed(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    var known: Set<String> = []
    var problems = self.problems(value, schema, path, &known)
    for name in value.object?.names ?? [] where describesMembers(schema) && !known.contains(name) {
      problems.append("\(path)/\(name) is not described in docs/schema")
    }
    return problems
  }

  /// Whether a schema lists members, by itself or by a reference.
  private func describesMembers(_ schema: JSONValue) -> Bool {
    if schema["properties"] != nil { return true }
    let name = schema["$ref"]?.string?.split(separator: "/").last.map(String.init)
    return name.flatMap { root["$defs"]?[$0] }.map(describesMembers) ?? false
  }

  private func matches(_ value: JSONValue, _ type: String) -> Bool {
    switch type {
    case "null": value.isNull
    case "boolean": value.bool != nil
    case "integer": value.integer != nil
    case "number": value.double != nil
    case "string": value.string != nil
    case "array": value.array != nil
    case "object": value.object != nil
    default: false
    }
  }
}
