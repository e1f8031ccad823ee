// Writes groups as the YAML of a rule file, with comments and in an order for readers, which std.manifestYamlDoc does not support.
local indented = function(lines, spaces)
  std.join('', [if line == '' then '\n' else spaces + line + '\n' for line in lines]);

local lines = function(text) std.split(std.rstripChars(text, '\n'), '\n');

local comment = function(object, spaces)
  if std.objectHasAll(object, 'comment')
  then indented([std.rstripChars('# ' + line, ' ') for line in lines(object.comment)], spaces)
  else '';

local quoted = function(text) "'" + std.strReplace(text, "'", "''") + "'";

// One line, or a block of several lines, which YAML folds into one with '>-' and keeps with '|'.
local scalar = function(key, text, style, spaces)
  local all = lines(text);
  if std.length(all) == 1
  then spaces + key + ': ' + (if style == '|' then all[0] else quoted(all[0])) + '\n'
  else spaces + key + ': ' + style + '\n' + indented(all, spaces + '  ');

// The known fields first, in this order.
local ordered = function(object, first)
  [name for name in first if std.objectHas(object, name)]
  + [name for name in std.objectFields(object) if !std.member(first, name)];

local field = function(rule, name, spaces)
  if name == 'expr' then scalar(name, rule.expr, '|', spaces)
  else if name == 'labels' then
    spaces + 'labels:\n'
    + std.join('', ['%s  %s: %s\n' % [spaces, label, rule.labels[label]] for label in ordered(rule.labels, ['severity'])])
  else if name == 'annotations' then
    spaces + 'annotations:\n'
    + std.join('', [
      scalar(text, rule.texts[text], '>-', spaces + '  ')
      for text in ordered(rule.texts, ['summary', 'description', 'runbook_url'])
    ])
  else '%s%s: %s\n' % [spaces, name, rule[name]];

local rule = function(rule)
  local fields = ordered(rule, ['alert', 'record', 'expr', 'for', 'labels', 'annotations']);
  local text = std.join('', [field(rule, name, '        ') for name in fields]);
  comment(rule, '      ') + '      - ' + std.substr(text, 8, std.length(text) - 8);

local group = function(group)
  // Alerts are long enough to be separated by empty lines.
  local space = if std.objectHas(group.rules[0], 'alert') then '\n' else '';
  comment(group, '  ')
  + '  - name: %s\n' % group.name
  + '    interval: %s\n' % group.interval
  + '    rules:\n'
  + std.join(space, [rule(each) for each in group.rules]);

// Without the end of the last line, which jsonnet adds.
function(groups, header)
  indented([std.rstripChars('# ' + line, ' ') for line in lines(header)], '')
  + 'groups:\n'
  + std.rstripChars(std.join('\n', [group(each) for each in groups]), '\n')
