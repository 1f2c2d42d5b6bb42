extension Explanation {
  static let aboutReports: [Explanation] = [
    Explanation(
      "baseline.invalid",
      meaning: "the file given as baseline is none",
      cause:
        "It is another JSON file, was edited by hand, or was written by a version of Recur with "
        + "another form of baselines.",
      fix:
        "Write it anew and read its difference: recur validate models --write-baseline known.json",
      example: #"""
        $ echo '{}' > known.json
        $ recur validate keras3/lstm_last.h5 --baseline known.json
        error[baseline.invalid]: the file is no baseline of version 1
          --> known.json
          help: write it anew with --write-baseline
        """#),
    Explanation(
      "baseline.stale",
      meaning: "the baseline lists findings that are no longer there",
      cause: "They were mended, or their file or the object in it has another name now.",
      fix:
        "Write the baseline anew, so that they can't come back unseen: "
        + "recur validate models --write-baseline known.json",
      example: #"""
        $ recur validate broken/extra_dataset.h5 --write-baseline known.json
        $ sed -i s/forgotten/gone/ known.json
        $ recur validate broken/extra_dataset.h5 --baseline known.json
        note[baseline.stale]: 1 finding of the baseline was not found again
          --> known.json
          note: tensor.unused in broken/extra_dataset.h5: /model_weights/lstm/gone
          help: write it anew: --write-baseline known.json
        """#),
    Explanation(
      "config.invalid",
      meaning: "a file of settings says something that can't be done",
      cause: "A name is misspelt, or a value is of another kind than it can be.",
      fix: "Write what is expected; docs/ci.md lists all names: recur validate models",
      example: #"""
        $ echo 'exclud = "old"' > recur.toml
        $ recur validate keras3/lstm_last.h5
        error[config.invalid]: nothing is called 'exclud'
          --> recur.toml
          expected: exclude, ignore, goldens, architectures, baseline, files
          help: did you mean 'exclude'?
        """#),
    Explanation(
      "convert.warnings",
      meaning: "nothing was written, because there are warnings and --strict makes them errors",
      cause: "The warnings beside it say what would be lost, rounded or left out.",
      fix:
        "Leave out --strict, or accept single codes: recur convert model.h5 model.pt --strict "
        + "--ignore tensor.unused",
      example: #"""
        $ recur convert broken/extra_dataset.h5 m.pt --strict
        error[convert.warnings]: nothing was written: 1 warning counts as an error with --strict
          --> broken/extra_dataset.h5
          help: leave out --strict, or --ignore the codes that you accept
        """#),
    Explanation(
      "file.none-found",
      meaning: "no file in the given folders is a checkpoint",
      cause:
        "The path is wrong, the models were not fetched, or they have a form that is not read. "
        + "Folders are searched by content; hidden files are left alone.",
      fix: "Name a file to see what it is: recur validate models/model.h5",
      example: #"""
        $ mkdir models
        $ recur validate models
        error[file.none-found]: there is no checkpoint in 'models'
          --> models
          found: 0 other files
          help: name the files, or a folder that holds some; 'recur formats' lists what is read
        """#),
    Explanation(
      "fleet.resume-invalid",
      meaning: "the results of an earlier run are no lines of results",
      cause:
        "--resume takes what 'recur validate --format ndjson' printed, and the file is another one.",
      fix:
        "Give the file of the earlier run, or leave it out: recur validate models --format ndjson",
      example: ""),
    Explanation(
      "fleet.same-name",
      meaning: "two files of one name hold models of the same shapes with other weights",
      cause:
        "One of them was converted from an earlier or a later training than the other, or was "
        + "copied to the wrong place.",
      fix:
        "See how they differ with 'recur compare --weights a.h5 a.pt', and convert again: "
        + "recur convert a.h5 a.pt --force. Where they are meant to differ: --ignore fleet",
      example: #"""
        $ recur validate keras_2_3_1/masking_lstm_dense.h5 keras3/masking_lstm_dense.h5 --same-name
        warning[fleet.same-name]: 'keras3/masking_lstm_dense.h5' does not hold the weights of 'keras_2_3_1/masking_lstm_dense.h5', which has its name
          --> keras3/masking_lstm_dense.h5
          expected: the same weights
          found: 5 of 5 weights differ, max |diff| 1.6e+00
          fix in Recur: recur compare --weights keras_2_3_1/masking_lstm_dense.h5 keras3/masking_lstm_dense.h5
        """#),
    Explanation(
      "toml.syntax",
      meaning: "the text is not TOML",
      cause:
        "A quote, a bracket or an equals sign is missing, a key stands twice, or a value is a date.",
      fix: "Mend the line that the message names; toml.io has the rules: recur validate models",
      example: #"""
        $ echo 'exclude = ["old"' > recur.toml
        $ recur validate keras3/lstm_last.h5
        error[toml.syntax]: line 2 is no TOML
          --> recur.toml (bytes 0..<17)
          expected: ']' or ','
          found: the end of the file
        """#),
    Explanation(
      "usage.wrong",
      meaning: "the command line is not understood",
      cause: "An option or an argument is missing, misspelt or does not fit the others.",
      fix: "See 'recur help validate', or of any other command.",
      example: ""),
  ]
}
