import RecurContainers
import RecurModel

extension Unary: KerasLayer {
  static let classes =
    names.map { name, function in
      KerasClass.operation(name, followsInput: true) { reader in
        reader.options.only("decimals", 0, nil)
        return .unary(function)
      }
    } + [KerasClass.operation("Abs", followsInput: true) { _ in .unary(.absolute) }]

  /// The operations of the functions.
  private static let names: [(String, Unary)] = [
    ("Expm1", .expm1), ("Log", .log), ("Log1p", .log1p), ("Log2", .log2), ("Log10", .log10),
    ("Sqrt", .squareRoot), ("Rsqrt", .reciprocalSquareRoot), ("Square", .square),
    ("Absolute", .absolute), ("Negative", .negative), ("Sign", .sign),
    ("Reciprocal", .reciprocal), ("Floor", .floor), ("Ceil", .ceiling), ("Round", .round),
    ("Trunc", .truncate), ("Sin", .sine), ("Cos", .cosine), ("Tan", .tangent),
    ("Arcsin", .inverseSine), ("Arccos", .inverseCosine), ("Arctan", .inverseTangent),
    ("Sinh", .hyperbolicSine), ("Cosh", .hyperbolicCosine), ("Erf", .errorFunction),
    ("LogicalNot", .not), ("Isnan", .isNaN), ("Isfinite", .isFinite),
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.operation(Self.names.first { $0.1 == self }?.0 ?? "Abs", name)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
