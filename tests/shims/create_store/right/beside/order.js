// What bare_with_helper.js requires.
exports.byKey = ([a], [b]) => (a < b ? -1 : 1);
