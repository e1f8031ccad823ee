extension ConfigurationReference {
    /// The text before the tables.
    static let introduction = """
        # Configuration

        Generated from the code by `./scripts/update-docs.sh`; do not edit.

        Every setting is a flag, which can also be set by an environment variable or in the file that `--config.file` names. Precedence,
        highest first:

        | layer | example |
        |---|---|
        | flag | `--web.listen-address=:10420` |
        | environment variable | `FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS=:10420` |
        | configuration file | `web: {listen-address: ":10420"}` |
        | default | `:10420` |

        The subcommands `collect` and `check` accept the same flags, variables and file as the exporter itself, and ignore some of them;
        `demo` accepts those of the metrics, the web and the log.

        `flashback-exporter --config.check` checks flags, variables, the configuration file and all files that they name without querying
        the API. It prints `configuration: good` and exits with status 0, or one line that says what is wrong and where, and exits with
        status 2.

        ## Names

        - **Variables**: `FLASHBACK_EXPORTER_` and the flag's name in upper case, with `_` for `.` and `-`. `--help` shows each under its flag.
        - **Keys** of the file: the flag's name, nested at its dots, so that `--cache.max-stale` is `cache: {max-stale: …}`.
        - An unknown variable with this prefix, or an unknown key, is an error that suggests the nearest name. The only exceptions are
          variables such as `FLASHBACK_EXPORTER_SERVICE_HOST` and `FLASHBACK_EXPORTER_PORT_10420_TCP`, which Kubernetes sets for a Service
          called `flashback-exporter`.

        ## Values

        - **Durations** are written like `30s`, `5m`, `1h30m` or `500ms`, also in the file: a number needs a unit.
        - **Switches** are `--NAME` or `--no-NAME`, in variables and in the file `true` or `false`.
        - **Lists**: a flag that may be repeated is repeated; in a variable its values are separated by commas; in the file they are a YAML
          list, such as `collector: {ttl: [status=2m, daily=10m]}`. A list is taken whole from the highest layer that has it.
        - If a flag with a single value is given twice, the last one wins.
        - An empty variable counts as not set, and so does a key with an empty value or `null`. An empty list is an error.
        - **Secrets** are in none of the layers, only in separate files that these name, or in `FLASHBACK_TOKEN`: command lines,
          variables and configuration files are widely readable.

        ## The file

        The file is YAML in UTF-8. All keys are optional, and an empty file is valid. Duplicate keys, tags and a second document are
        errors; anchors, aliases and the merge key `<<` are supported. Relative paths in the file are relative to its directory, those in
        flags and variables to the working directory.

        ```yaml
        \(example)
        ```

        [deploy/flashback-exporter.yml](../deploy/flashback-exporter.yml) has every key with its default, commented out.

        ## Several accounts

        Under `accounts` the file lists one or more accounts, each with a unique name that is not empty. Their series carry
        it as the label `account`. An account has the keys of `flashback` without that prefix, and `bucket` and `workspace`; it inherits
        other settings from all layers, including the command line. Credentials and workspaces are not inherited:
        with `accounts`, the settings `flashback.token-file`, `flashback.refresh-token-file`, `flashback.email`, `flashback.password-file`
        and `flashback.workspace-id`, and the variable `FLASHBACK_TOKEN`, are errors, and so is an account without credentials. Two
        accounts cannot share a refresh token file, even under different names, or copies of it.

        Without `accounts` the settings describe a single account, whose series have no such label.

        ## Reloading

        On SIGHUP, and with `--web.enable-lifecycle` on `POST /-/reload`, the exporter reloads the configuration: the file and
        the files that it names as they are now, flags and variables as they were at startup. If the new configuration has an error, the
        exporter logs it and keeps the previous one. Some settings need a restart: listen addresses and socket activation, the
        maximum number of connections, the path of the metrics, `--config.auto-reload`, log level and format, whether there is a web
        configuration file, and whether it enables TLS. The log names those that have changed.

        ## All settings

        """

    /// An example file for the document.
    static let example = """
        # Defaults for all accounts.
        flashback:
          concurrency: 8
          timeout: 20s
        cache:
          max-stale: 5m
        collector:
          yesterday: false
          ttl: [status=1m, daily=10m]

        web:
          listen-address: ["127.0.0.1:10420", "[::1]:10420"]
          config: {file: web.yml}        # TLS and passwords; --web.config.file
          enable-lifecycle: true
        log:
          format: json

        # Omitted for a single account, whose credentials are flashback.token-file and so on.
        accounts:
          - name: production
            refresh-token-file: /var/lib/flashback-exporter/production
            workspace-id: [8d3f2c1a, 91bb07de]
          - name: staging
            url: https://staging.flashback.example
            email: exporter@example.com
            password-file: /etc/flashback-exporter/staging-password
            concurrency: 2
        """
}
