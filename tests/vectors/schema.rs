//! As much of JSON Schema as `spec/vectors/schema.json` uses.

use serde_json::Value;

/// What is wrong with a value, if anything is.
pub(crate) fn complaint(schema: &Value, value: &Value) -> Option<String> {
    judge(schema, schema, value, "").err()
}

type Judged = Result<(), String>;

fn judge(root: &Value, schema: &Value, value: &Value, at: &str) -> Judged {
    let known = [
        "$schema",
        "$id",
        "$defs",
        "title",
        "description",
        "$ref",
        "const",
        "enum",
        "type",
        "minimum",
        "anyOf",
        "items",
        "properties",
        "required",
        "additionalProperties",
    ];
    let rules = schema.as_object().expect("a schema is an object");
    for (rule, with) in rules {
        assert!(known.contains(&rule.as_str()), "{rule} is not looked at");
        let is_met = match rule.as_str() {
            "$ref" => {
                let path = with.as_str().and_then(|path| path.strip_prefix('#'));
                let other = root.pointer(path.expect("below #")).expect("it is there");
                judge(root, other, value, at)?;
                true
            }
            "const" => value == with,
            "enum" => list(with).contains(value),
            "type" => is_type(value, with.as_str().expect("a type")),
            "minimum" => value.as_i64() >= with.as_i64(),
            "anyOf" => list(with)
                .iter()
                .any(|one| judge(root, one, value, at).is_ok()),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    judge(root, with, item, &format!("{at}/{index}"))?;
                }
                true
            }
            "required" => list(with)
                .iter()
                .all(|name| !value[name.as_str().expect("a name")].is_null()),
            "properties" => {
                properties(root, rules, value, at)?;
                true
            }
            _ => true,
        };
        if !is_met {
            return Err(format!("{at}: {rule} {with}: {value}"));
        }
    }
    Ok(())
}

fn properties(
    root: &Value,
    rules: &serde_json::Map<String, Value>,
    value: &Value,
    at: &str,
) -> Judged {
    let is_closed = rules.get("additionalProperties") == Some(&Value::Bool(false));
    for (name, field) in value.as_object().into_iter().flatten() {
        match rules["properties"].get(name) {
            Some(schema) => judge(root, schema, field, &format!("{at}/{name}"))?,
            None if is_closed => return Err(format!("{at}: no field {name}")),
            None => {}
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("no type {other}"),
    }
}
