/** A shell snippet that fires a webhook as Standard Webhooks say: it signs for real, with nothing but openssl. */

/** For a POSIX shell. `secret` is the name of the secret that signs; its value is put in by whoever runs it. */
export function curlExample(url: string, secret: string): string {
  return `SECRET='whsec_…'  # the value of ${secret}
URL='${url}'
BODY='{"app":"hello"}'

ID="msg_$(openssl rand -hex 12)"
TIME="$(date +%s)"
KEY="$(printf %s "\${SECRET#whsec_}" | openssl base64 -A -d | od -An -v -tx1 | tr -d ' \\n')"
SIGNATURE="$(printf %s "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)"

curl -i "$URL" \\
  -H 'content-type: application/json' \\
  -H "webhook-id: $ID" \\
  -H "webhook-timestamp: $TIME" \\
  -H "webhook-signature: v1,$SIGNATURE" \\
  --data-raw "$BODY"`;
}
