import RecurContainers
import RecurModel

extension Gathering: KerasLayer {
  static let classes = [
    KerasClass.operation("Take", followsInput: true) { reader in
      guard !reader.isTensor("indices") else {
        return reader.fail(
          "operation '\(reader.config.name)' takes elements at positions that are computed: only "
            + "constant ones are read, or those of take_along_axis")
      }
      guard let constant = reader.operand("indices")?.constant, let axis = axis(&reader) else {
        return nil
      }
      guard constant.elements.allSatisfy({ $0 == $0.rounded() && $0.magnitude < 1e9 }) else {
        reader.options.refuse("indices", because: "whole numbers belong there")
        return nil
      }
      let places = Operand.Constant(
        shape: constant.shape, elements: constant.elements, isWhole: true)
      return .gathering(Gathering(axis: axis, positions: .constant(places)))
    },
    KerasClass.operation("TakeAlongAxis", followsInput: true) { reader in
      guard reader.isTensor("x"), reader.isTensor("indices") else {
        return reader.fail("operation '\(reader.config.name)' takes constants")
      }
      return axis(&reader).map { .gathering(Gathering(axis: $0, positions: .input)) }
    },
  ]

  private static func axis(_ reader: inout KerasLayerReader) -> Int? {
    guard let axes = reader.axes() else { return nil }
    guard axes.count == 1 else {
      reader.options.refuse("axis", because: "one axis belongs there")
      return nil
    }
    return axes[0]
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [axis]) else { return nil }
    guard positions.constant != nil else {
      return writer.operation("TakeAlongAxis", name, [("axis", .integer(axis))])
    }
    var form = writer.operation("Take", name, [("axis", .integer(axis))])
    form.arguments = [.input, positions.argument]
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
