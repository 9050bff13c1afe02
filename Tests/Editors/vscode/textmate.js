// As much of a TextMate tokenizer as our grammar needs: one line, `match`, `begin` and `end`,
// captures and `include`. Its patterns keep to what JavaScript's regular expressions share with
// Oniguruma; `(?i:…)` is the one exception.
'use strict';

const compile = (pattern) => new RegExp(
  pattern.replace(/\(\?i:([^()]*)\)/g, (_, words) => `(?:${words.replace(/[a-z]/gi, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`)})`), 'gd');

function flatten(grammar, patterns) {
  return patterns.flatMap((pattern) => {
    if (!pattern.include) return [pattern];
    const target = grammar.repository[pattern.include.slice(1)];
    if (!target) throw new Error(`${pattern.include} is not in the repository`);
    return target.match || target.begin ? [target] : flatten(grammar, target.patterns);
  });
}

/** The tokens of a line that have a scope: `{ start, end, scope }`, the innermost of each first. */
function tokenize(grammar, line) {
  const tokens = [];
  const add = (start, end, scope) => scope && end > start && tokens.unshift({ start, end, scope });
  const stack = [{ patterns: grammar.patterns }];
  let position = 0;
  while (position <= line.length) {
    const top = stack.at(-1);
    const rules = flatten(grammar, top.patterns ?? []);
    const candidates = [...(top.end ? [{ ending: true, match: top.end }] : []), ...rules];
    let best;
    for (const rule of candidates) {
      const expression = compile(rule.match ?? rule.begin);
      expression.lastIndex = position;
      const match = expression.exec(line);
      if (match && (best === undefined || match.index < best.match.index)) best = { rule, match };
    }
    if (!best) break;
    const { rule, match } = best;
    const end = match.index + match[0].length;
    if (rule.ending) {
      add(top.start, end, top.name);
      stack.pop();
    } else if (rule.begin) {
      stack.push({ ...rule, start: match.index });
    } else {
      add(match.index, end, rule.name);
      for (const [index, { name }] of Object.entries(rule.captures ?? {})) {
        if (match.indices[index]) add(...match.indices[index], name);
      }
    }
    position = end > position || rule.begin ? end : position + 1;
    if (rule.ending && end === line.length && match[0] === '') break;
  }
  // The innermost of the tokens at a place is the shortest.
  return tokens.sort((a, b) => (a.end - a.start) - (b.end - b.start));
}

module.exports = { tokenize };
