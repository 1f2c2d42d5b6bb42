package import RecurTensors

extension Diagnostic.Wording {
  /// What to do with arrays whose names say nothing: a model takes them, or a declaration names them.
  package static let namesToDeclare: Self =
    "nothing tells what these arrays are: give the model that they belong to with \(.architecture); one of "
    + "Keras, or its to_json(), takes arrays in the order of get_weights(); a declaration of torch modules "
    + "names them: {\"layers\": [{\"type\": \"nn.LSTM\", \"weight_ih\": NAME, \"weight_hh\": NAME, "
    + "\"bias_ih\": NAME, \"bias_hh\": NAME}]}"
}
