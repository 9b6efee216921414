using System.Text.Json;
using System.Text.Json.Nodes;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Api;

/// <summary>
/// What the owners' interface takes and gives, and what webhooks are posted, as OpenAPI 3.1: for programs that make clients of it. Written by hand, because the
/// handlers read their queries themselves; tests hold it to the routes and to the answers.
/// </summary>
internal static class ApiDescription
{
    public const string Route = "/api/openapi.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The same for everybody: it names no domain and no account.</summary>
    public static IResult Get(PortalUrl portal)
    {
        JsonObject document = JsonNode.Parse(Document)!.AsObject();
        document["servers"] = new JsonArray(new JsonObject { ["url"] = portal.Root });
        return TypedResults.Text(document.ToJsonString(Indented), "application/json");
    }

    private const string Document = """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Postmaster for domain owners",
            "version": "1",
            "description": "Complaints about mail of a domain that the key's account has proved, in the order in which they were counted; and what is posted to webhooks. Names of fields stay; others may be added."
          },
          "security": [{ "key": [] }],
          "paths": {
            "/api/domains/{domain}/complaints": {
              "parameters": [{ "$ref": "#/components/parameters/domain" }],
              "get": {
                "operationId": "listComplaints",
                "summary": "Complaints as JSON. A complaint appears five seconds after it was counted.",
                "parameters": [
                  { "$ref": "#/components/parameters/cursor" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/from" }, { "$ref": "#/components/parameters/to" },
                  { "$ref": "#/components/parameters/q" }, { "$ref": "#/components/parameters/type" }, { "$ref": "#/components/parameters/signing_domain" },
                  { "$ref": "#/components/parameters/handled" }, { "$ref": "#/components/parameters/withdrawn" }
                ],
                "responses": {
                  "200": { "description": "A stretch of complaints.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Complaints" } } } },
                  "400": { "$ref": "#/components/responses/Refused" }, "401": { "$ref": "#/components/responses/Refused" }, "404": { "$ref": "#/components/responses/Refused" }, "429": { "$ref": "#/components/responses/Later" }
                }
              }
            },
            "/api/domains/{domain}/complaints.csv": {
              "parameters": [{ "$ref": "#/components/parameters/domain" }],
              "get": {
                "operationId": "listComplaintsAsCsv",
                "summary": "The same as CSV (RFC 4180), its columns named as the fields of JSON.",
                "parameters": [
                  { "$ref": "#/components/parameters/cursor" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/from" }, { "$ref": "#/components/parameters/to" },
                  { "$ref": "#/components/parameters/q" }, { "$ref": "#/components/parameters/type" }, { "$ref": "#/components/parameters/signing_domain" },
                  { "$ref": "#/components/parameters/handled" }, { "$ref": "#/components/parameters/withdrawn" }
                ],
                "responses": {
                  "200": {
                    "description": "A stretch of complaints.",
                    "headers": {
                      "X-Next-Cursor": { "description": "The cursor of the next request; absent before the first complaint.", "schema": { "type": "string" } },
                      "Link": { "description": "The next address with rel=next (RFC 8288), while there is more.", "schema": { "type": "string" } }
                    },
                    "content": { "text/csv": { "schema": { "type": "string" } } }
                  },
                  "400": { "$ref": "#/components/responses/Refused" }, "401": { "$ref": "#/components/responses/Refused" }, "404": { "$ref": "#/components/responses/Refused" }, "429": { "$ref": "#/components/responses/Later" }
                }
              }
            },
            "/api/domains/{domain}/complaints/{id}/report": {
              "parameters": [{ "$ref": "#/components/parameters/domain" }, { "$ref": "#/components/parameters/id" }],
              "get": {
                "operationId": "getReport",
                "summary": "The report of a complaint as mail (RFC 5965, or XARF where the owner chose it); for owners.",
                "responses": {
                  "200": { "description": "The mail.", "content": { "message/rfc822": { "schema": { "type": "string" } } } },
                  "401": { "$ref": "#/components/responses/Refused" }, "403": { "$ref": "#/components/responses/Refused" }, "404": { "$ref": "#/components/responses/Refused" }, "429": { "$ref": "#/components/responses/Later" }
                }
              }
            },
            "/api/domains/{domain}/complaints/{id}/handled": {
              "parameters": [{ "$ref": "#/components/parameters/domain" }, { "$ref": "#/components/parameters/id" }],
              "post": {
                "operationId": "markHandled",
                "summary": "Marks a complaint as handled; the key has to be one that marks.",
                "responses": {
                  "200": { "description": "It is marked.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Handled" } } } },
                  "401": { "$ref": "#/components/responses/Refused" }, "403": { "$ref": "#/components/responses/Refused" }, "404": { "$ref": "#/components/responses/Refused" }, "429": { "$ref": "#/components/responses/Later" }
                }
              },
              "delete": {
                "operationId": "markNotHandled",
                "summary": "Takes the mark back.",
                "responses": {
                  "200": { "description": "It is not marked.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Handled" } } } },
                  "401": { "$ref": "#/components/responses/Refused" }, "403": { "$ref": "#/components/responses/Refused" }, "404": { "$ref": "#/components/responses/Refused" }, "429": { "$ref": "#/components/responses/Later" }
                }
              }
            }
          },
          "webhooks": {
            "complaint.created": {
              "post": {
                "summary": "A complaint was counted. Signed as Standard Webhooks has it: webhook-id, webhook-timestamp, webhook-signature.",
                "security": [],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ComplaintEvent" } } } },
                "responses": { "2XX": { "description": "Taken." }, "410": { "description": "No more, please: the webhook is switched off." } }
              }
            },
            "complaint.withdrawn": {
              "post": {
                "summary": "The same person took the message out of the spam folder; for owners who ask for not-spam reports. Its data has withdrawn_at and no original.",
                "security": [],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ComplaintEvent" } } } },
                "responses": { "2XX": { "description": "Taken." }, "410": { "description": "No more, please: the webhook is switched off." } }
              }
            },
            "ping": {
              "post": {
                "summary": "The test event: answer 2xx with the value of data.challenge, alone or as the member challenge of an object.",
                "security": [],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/PingEvent" } } } },
                "responses": { "2XX": { "description": "The challenge." } }
              }
            }
          },
          "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "A key of the account, pmk1_..., made on its page." } },
            "parameters": {
              "domain": { "name": "domain", "in": "path", "required": true, "description": "The proved domain.", "schema": { "type": "string" } },
              "id": { "name": "id", "in": "path", "required": true, "description": "Of the complaint.", "schema": { "type": "string", "format": "uuid" } },
              "cursor": { "name": "cursor", "in": "query", "description": "The next_cursor of the answer before; without it, from the first complaint on.", "schema": { "type": "string" } },
              "limit": { "name": "limit", "in": "query", "description": "Complaints in the answer at most; it may hold fewer and still have more behind it.", "schema": { "type": "integer", "minimum": 1, "maximum": 500, "default": 100 } },
              "from": { "name": "from", "in": "query", "description": "First day, or first instant, of the press.", "schema": { "type": "string" }, "example": "2026-11-21" },
              "to": { "name": "to", "in": "query", "description": "Last day, which counts as a whole, or the instant before which it ends.", "schema": { "type": "string" }, "example": "2026-11-21T14:00:00Z" },
              "q": { "name": "q", "in": "query", "description": "Words of the subject, the Message-ID or the stream; a last * stands for the rest of a word.", "schema": { "type": "string", "maxLength": 200 } },
              "type": { "name": "type", "in": "query", "schema": { "enum": ["abuse", "fraud", "virus"] } },
              "signing_domain": { "name": "signing_domain", "in": "query", "description": "The d= of the signature.", "schema": { "type": "string" } },
              "handled": { "name": "handled", "in": "query", "schema": { "type": "boolean" } },
              "withdrawn": { "name": "withdrawn", "in": "query", "description": "Whether the complaint was taken back.", "schema": { "type": "boolean" } }
            },
            "responses": {
              "Refused": { "description": "Problem details (RFC 9457).", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
              "Later": {
                "description": "Too many requests.",
                "headers": { "Retry-After": { "description": "Seconds.", "schema": { "type": "integer" } } },
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
              }
            },
            "schemas": {
              "Complaints": {
                "type": "object",
                "required": ["complaints", "next_cursor", "has_more"],
                "properties": {
                  "complaints": { "type": "array", "items": { "$ref": "#/components/schemas/Complaint" } },
                  "next_cursor": { "type": ["string", "null"], "description": "Ask again with it: at once while has_more is true, later for what has come since." },
                  "has_more": { "type": "boolean" }
                }
              },
              "Complaint": {
                "type": "object",
                "required": ["id", "domain", "signing_domain", "feedback_type", "pressed_at", "arrived_at", "subject", "message_id", "list_id", "feedback_id", "cfbl_feedback_id", "source_ip", "recipient", "evidence", "withdrawn_at", "handled_at"],
                "properties": {
                  "id": { "type": "string", "format": "uuid" },
                  "domain": { "type": "string" },
                  "signing_domain": { "type": "string" },
                  "feedback_type": { "enum": ["abuse", "fraud", "virus"] },
                  "pressed_at": { "type": "string", "format": "date-time" },
                  "arrived_at": { "type": ["string", "null"], "format": "date-time" },
                  "subject": { "type": ["string", "null"] },
                  "message_id": { "type": ["string", "null"] },
                  "list_id": { "type": ["string", "null"] },
                  "feedback_id": { "type": ["string", "null"] },
                  "cfbl_feedback_id": { "type": ["string", "null"] },
                  "source_ip": { "type": ["string", "null"] },
                  "recipient": { "type": ["string", "null"], "description": "The code of the recipient (RFC 6590), or the address where provider and owner want it in clear." },
                  "evidence": { "enum": ["verified_at_delivery", "border_results", "verified_now", "none"] },
                  "withdrawn_at": { "type": ["string", "null"], "format": "date-time", "description": "When the same person took the message out of the spam folder." },
                  "handled_at": { "type": ["string", "null"], "format": "date-time" }
                }
              },
              "Handled": {
                "type": "object",
                "required": ["id", "handled", "changed"],
                "properties": { "id": { "type": "string", "format": "uuid" }, "handled": { "type": "boolean" }, "changed": { "type": "boolean", "description": "False: it was so before." } }
              },
              "Problem": { "type": "object", "properties": { "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" } } },
              "ComplaintEvent": {
                "type": "object",
                "required": ["type", "timestamp", "data"],
                "properties": { "type": { "enum": ["complaint.created", "complaint.withdrawn"] }, "timestamp": { "type": "string", "format": "date-time" }, "data": { "$ref": "#/components/schemas/Record" } }
              },
              "PingEvent": {
                "type": "object",
                "required": ["type", "timestamp", "data"],
                "properties": {
                  "type": { "const": "ping" }, "timestamp": { "type": "string", "format": "date-time" },
                  "data": { "type": "object", "required": ["endpoint_id", "domain", "challenge"], "properties": { "endpoint_id": { "type": "string", "format": "uuid" }, "domain": { "type": "string" }, "challenge": { "type": "string" } } }
                }
              },
              "Record": {
                "type": "object",
                "required": ["id", "feedback_type", "domain", "signing_domain", "pressed_at", "arrived_at", "recipient", "recipient_in_clear", "message_id", "list_id", "feedback_id", "cfbl_feedback_id", "subject", "source_ip", "original_mail_from", "authentication_results", "withdrawn_at", "handled_at", "original"],
                "properties": {
                  "id": { "type": "string", "format": "uuid", "description": "That of the complaint in the interface." },
                  "feedback_type": { "enum": ["abuse", "fraud", "virus"] },
                  "domain": { "type": "string" },
                  "signing_domain": { "type": "string" },
                  "pressed_at": { "type": "string", "format": "date-time" },
                  "arrived_at": { "type": ["string", "null"], "format": "date-time" },
                  "recipient": { "type": ["string", "null"] },
                  "recipient_in_clear": { "type": "boolean" },
                  "message_id": { "type": ["string", "null"] },
                  "list_id": { "type": ["string", "null"] },
                  "feedback_id": { "type": ["string", "null"] },
                  "cfbl_feedback_id": { "type": ["string", "null"] },
                  "subject": { "type": ["string", "null"] },
                  "source_ip": { "type": ["string", "null"] },
                  "original_mail_from": { "type": ["string", "null"] },
                  "authentication_results": { "type": ["string", "null"] },
                  "withdrawn_at": { "type": ["string", "null"], "format": "date-time" },
                  "handled_at": { "type": ["string", "null"], "format": "date-time" },
                  "original": {
                    "type": ["object", "null"],
                    "required": ["media_type", "content"],
                    "properties": { "media_type": { "enum": ["message/rfc822", "text/rfc822-headers"] }, "content": { "type": "string", "contentEncoding": "base64" } }
                  }
                }
              }
            }
          }
        }
        """;
}
