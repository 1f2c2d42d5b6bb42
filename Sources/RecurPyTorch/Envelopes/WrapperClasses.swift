/// Classes that wrap a network in an object of their own: how they are told, and how the network gets out.
///
/// A row for each; the pickle is data, so nothing but the name of the class is known.
struct WrapperClasses {
  /// What the dotted name of the class begins with.
  let prefix: String
  /// What an object of it is, with its article.
  let name: String
  /// What to do.
  let hint: String

  static let all = [
    WrapperClasses(
      prefix: "darts.", name: "a model of Darts",
      hint: "its weights are in the file beside it that has the same name and ends in .ckpt"),
    WrapperClasses(
      prefix: "skorch.", name: "a net of skorch",
      hint: "save its parameters: net.save_params(f_params='model.pt')"),
    WrapperClasses(
      prefix: "sklearn.", name: "an estimator of scikit-learn",
      hint: "save the network in it: torch.save(estimator.NETWORK.state_dict(), 'model.pt')"),
    WrapperClasses(
      prefix: "stable_baselines3.", name: "an agent of Stable Baselines 3",
      hint: "save it as an archive: agent.save('model.zip')"),
    WrapperClasses(
      prefix: "sb3_contrib.", name: "an agent of Stable Baselines 3",
      hint: "save it as an archive: agent.save('model.zip')"),
    WrapperClasses(
      prefix: "fastai.", name: "a learner of fastai",
      hint: "save its state dict: learner.save('model', with_opt=False)"),
    WrapperClasses(
      prefix: "tsai.", name: "a learner of tsai",
      hint: "save its state dict: learner.save('model', with_opt=False)"),
    WrapperClasses(
      prefix: "gluonts.", name: "a predictor of GluonTS",
      hint: "save its network: torch.save(predictor.prediction_net.state_dict(), 'model.pt')"),
    WrapperClasses(
      prefix: "neuralforecast.", name: "a forecaster of NeuralForecast",
      hint: "save its models: forecaster.save('folder') writes a .ckpt for each"),
    WrapperClasses(
      prefix: "transformers.", name: "an object of transformers",
      hint: "save the model in it: model.save_pretrained('folder', safe_serialization=True)"),
  ]

  /// The row of the class called `name`, or nil.
  static func row(of name: String) -> WrapperClasses? {
    all.first { name.hasPrefix($0.prefix) }
  }
}
