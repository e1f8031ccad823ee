extension ConfigurationReference {
    /// The text before the tables.
    static let introduction = """
        # Configuration

        This page is made from the declarations in the code: `./scripts/update-docs.sh` writes it.

        Everything that can be configured is a flag. What no flag on the command line says is taken from the flag's environment
        variable, what no variable says from the file that `--config.file` names, and what that does not say is the default:

        | layer | example |
        |---|---|
        | flag | `--web.listen-address=:10420` |
        | environment variable | `FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS=:10420` |
        | configuration file | `web: {listen-address: ":10420"}` |
        | default | `:10420` |

        The subcommands `collect` and `check` take the same flags, variables and file as the exporter itself, and have no use for some of
        them; `demo` takes what is about the web and the log.

        `flashback-exporter --config.check` reads flags, variables, the configuration file and all files that they name, asks the API
        nothing, and ends: with the line `configuration: good` and status 0, or with one line that says what is wrong and where, and
        status 2.

        ## Names

        - **Variables**: `FLASHBACK_EXPORTER_` and the flag's name in upper case, `.` and `-` being `_`. `--help` shows each under its flag.
        - **Keys** of the file: the flag's name, nested at its dots, so that `--cache.max-stale` is `cache: {max-stale: …}`. A flag whose
          name is also the beginning of others, as `--collector.daily` is of `--collector.daily.ttl`, is either the only thing there,
          `collector: {daily: false}`, or has the key `enabled`: `collector: {daily: {enabled: true, ttl: 10m}}`.
        - A variable with this beginning, or a key, that is no setting is an error that tells the nearest name. Passed over are only
          variables such as `FLASHBACK_EXPORTER_SERVICE_HOST` and `FLASHBACK_EXPORTER_PORT_10420_TCP`, which Kubernetes sets for a Service
          called `flashback-exporter`.

        ## Values

        - **Durations** are written like `30s`, `5m`, `1h30m` or `500ms`, also in the file: a number alone is none.
        - **On or off** is `--NAME` or `--no-NAME`, in a variable and in the file `true` or `false`.
        - **Lists**: a flag that may be repeated is repeated; in a variable its values are separated by commas; in the file they are a YAML
          list. A list is taken whole from the highest layer that has it.
        - A flag that is given twice and takes one value has the last one.
        - A variable that is empty is not set, and so is a key whose value is nothing or `null`. An empty list is an error.
        - **Secrets** are in none of the layers, only in files of their own that they name, or in `FLASHBACK_TOKEN`: command lines,
          variables and configuration files are seen by many.

        ## The file

        It is YAML in UTF-8. All keys may be left out, and an empty file is good. A key given twice, a tag and a second document are
        errors; anchors, aliases and the merge key `<<` may be used. Paths of files in it, when they do not begin with `/`, are relative
        to the directory that it is in, while those in flags and variables are relative to the working directory.

        ```yaml
        \(example)
        ```

        [deploy/flashback-exporter.yml](../deploy/flashback-exporter.yml) has every key with its default, commented out.

        ## Several accounts

        Under `accounts` the file names one or more accounts, each with a name that is not empty and that no other has. Their series carry
        it as the label `account`. An account has the keys of `flashback` without that word, and `bucket` and `workspace`; what it does not
        say itself is taken from the same setting of any layer, the command line's too. Credentials and workspaces are each account's own:
        with `accounts`, the settings `flashback.token-file`, `flashback.refresh-token-file`, `flashback.email`, `flashback.password-file`
        and `flashback.workspace-id`, and the variable `FLASHBACK_TOKEN`, are errors, and so is an account without credentials. Two
        accounts cannot share a refresh token's file, whatever it is called, nor a copy.

        Without `accounts` there is one account, the one that the settings describe, and its series have no such label.

        ## Reading it again

        After SIGHUP, and with `--web.enable-lifecycle` after `POST /-/reload`, the exporter reads the configuration again: the file and
        the files that it names as they are then, the flags and variables as they were when it was started. A configuration with an error
        changes nothing, and the log says what the error is. Some settings need a restart: where the exporter listens and how many
        connections it takes, the path of the metrics, the log's level and format, and whether there is TLS. The log names those that
        have changed.

        ## All settings

        """

    /// An example file for the document.
    static let example = """
        # What holds for all accounts.
        flashback:
          concurrency: 8
          timeout: 20s
        cache:
          max-stale: 5m
        collector:
          yesterday: false
          daily: {ttl: 10m}

        web:
          listen-address: ["127.0.0.1:10420", "[::1]:10420"]
          config: {file: web.yml}        # TLS and passwords; --web.config.file
          enable-lifecycle: true
        log:
          format: json

        # Left out where there is one account: its credentials then are flashback.token-file and so on.
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
