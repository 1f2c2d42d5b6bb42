import RecurPyTorch
import RecurSource

/// What a program has made while it is read: its models, and the objects of its own classes.
final class KerasProgram {
  /// The models in the order in which they were made.
  private(set) var made: [KerasSourceModel] = []
  /// The models by the layer that stands for them inside others.
  var models: [ObjectIdentifier: KerasSourceModel] = [:]
  /// The objects of classes of the source that are models.
  private(set) var objects: [SourceObject] = []
  /// Values that are given by name, which win over those of the source.
  let settings: [String: SourceValue]
  /// Where the axis of the channels is, and the element types, that the program sets for all layers.
  var (imageFormat, policy): (SourceValue?, SourceValue?) = (nil, nil)
  /// The number of the function that is applied now, for which Keras has one layer; nil outside of one.
  var fold: Int?
  private var foldCount = 0
  /// What functions take from around them.
  var captures = KerasCaptures()
  /// The names that the source asked for.
  private(set) var asked: Set<String> = []

  init(settings: [String: SourceValue]) { self.settings = settings }

  /// The number of a function that begins; one inside another is a part of it.
  func beginFold() -> Int {
    if let fold { return fold }
    foldCount += 1
    fold = foldCount
    return foldCount
  }

  /// Notes a model.
  func note(_ model: KerasSourceModel) { made.append(model) }

  /// Notes an object of a class that is a model.
  func note(_ object: SourceObject) { objects.append(object) }

  /// Notes that a name was used.
  func ask(_ name: String) { asked.insert(name) }

  /// An operation of tensors: a layer without options, called once.
  func operation(
    _ className: String, module: String = "numpy",
    _ arguments: [(name: String, value: SourceValue)], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    for argument in arguments {
      if let unknown = KerasSourceLayer.unknown(in: argument.value) {
        throw interpreter.problem(unknown.reason, at: unknown.place)
      }
    }
    let layer = KerasSourceLayer(
      className, operationModule: module, at: interpreter.position, in: self)
    layer.fold = fold
    return try layer.call(SourceArguments(keywords: arguments), &interpreter)
  }
}
