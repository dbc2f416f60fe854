//! As much of JSON Schema as `spec/report.schema.json` uses.

use serde_json::Value;

/// What in a value is not as the schema says, each with its path.
pub(crate) fn complaints(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        match word.as_str() {
            "$schema" | "$comment" | "title" | "description" => {}
            "type" => {
                if !is_of(rule, value) {
                    found.push(format!("{at}: {value} is no {rule}"));
                }
            }
            "const" => {
                if rule != value {
                    found.push(format!("{at}: {value} is not {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().expect("a list").contains(value) {
                    found.push(format!("{at}: {value} is none of {rule}"));
                }
            }
            // Of what is no object, `type` says so.
            "required" => {
                let required = rule.as_array().filter(|_| value.is_object());
                for name in required.into_iter().flatten() {
                    if value.get(name.as_str().expect("a name")).is_none() {
                        found.push(format!("{at}: no {name}"));
                    }
                }
            }
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(complaints(rule, item, &format!("{at}[{place}]")));
                }
            }
            "properties" => {
                for (name, rule) in rule.as_object().expect("fields") {
                    if let Some(field) = value.get(name) {
                        found.extend(complaints(rule, field, &format!("{at}.{name}")));
                    }
                }
            }
            "additionalProperties" => {
                let named = schema.get("properties");
                let is_named = |name: &str| named.is_some_and(|named| named.get(name).is_some());
                let others = value.as_object().into_iter().flatten();
                for (name, field) in others.filter(|(name, _)| !is_named(name)) {
                    match rule {
                        Value::Bool(false) => found.push(format!("{at}: unknown field {name}")),
                        rule => found.extend(complaints(rule, field, &format!("{at}.{name}"))),
                    }
                }
            }
            other => panic!("{at}: the schema says {other}, which nobody reads"),
        }
    }
    found
}

fn is_of(rule: &Value, value: &Value) -> bool {
    match rule {
        Value::Array(rules) => rules.iter().any(|rule| is_of(rule, value)),
        rule => match rule.as_str().expect("a type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("an unknown type: {other}"),
        },
    }
}
