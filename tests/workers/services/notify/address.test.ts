import { expect, it } from "vitest";
import { refusalOfAddress } from "../../../../workers/services/notify/address.ts";

it.each([
  "https://hooks.example.com/x",
  "http://example.com:8080/",
  "https://8.8.8.8/",
  "https://172.15.0.1/",
  "https://172.32.0.1/",
  "https://100.128.0.1/",
  "https://[2606:4700::1111]/",
  "https://localhost.example.com/",
])("%s is sent to", (url) => {
  expect(refusalOfAddress(url)).toBeUndefined();
});

it.each([
  ["no URL at all", "hooks.example.com"],
  ["another protocol", "ftp://example.com/"],
  ["a password", "https://user:pass@example.com/"],
  ["loopback", "http://127.0.0.1/"],
  ["all of loopback", "http://127.8.9.10/"],
  ["loopback, short", "http://127.1/"],
  ["loopback in decimal", "http://2130706433/"],
  ["loopback in octal", "http://0177.0.0.1/"],
  ["loopback in hexadecimal", "http://0x7f.0x0.0x0.0x1/"],
  ["any address", "http://0.0.0.0/"],
  ["zero", "http://0/"],
  ["10/8", "http://10.1.2.3/"],
  ["172.16/12", "http://172.31.255.255/"],
  ["192.168/16", "http://192.168.1.1/"],
  ["link-local, the metadata service", "http://169.254.169.254/latest/meta-data"],
  ["shared address space", "http://100.64.0.1/"],
  ["benchmarking", "http://198.19.0.1/"],
  ["multicast", "http://224.0.0.1/"],
  ["broadcast", "http://255.255.255.255/"],
  ["IPv6 loopback", "http://[::1]/"],
  ["IPv6 any", "http://[::]/"],
  ["IPv4 mapped", "http://[::ffff:127.0.0.1]/"],
  ["IPv4 mapped, in groups", "http://[::ffff:7f00:1]/"],
  ["IPv4 compatible", "http://[::127.0.0.1]/"],
  ["NAT64", "http://[64:ff9b::7f00:1]/"],
  ["6to4", "http://[2002:7f00:1::]/"],
  ["Teredo", "http://[2001:0:7f00:1::]/"],
  ["unique local", "http://[fd00::1]/"],
  ["IPv6 link-local", "http://[fe80::1]/"],
  ["IPv6 multicast", "http://[ff02::1]/"],
  ["documentation", "http://[2001:db8::1]/"],
  ["localhost", "http://localhost/"],
  ["localhost with a dot", "http://localhost./"],
  ["below localhost", "http://app.LOCALHOST/"],
  ["a name of the local network", "http://printer.local/"],
  ["a cloud's inside", "http://metadata.google.internal/"],
  ["a name without a domain", "http://intranet/"],
  ["a fullwidth host", "http://１２７.0.0.1/"],
])("an address is refused: %s (%s)", (_, url) => {
  expect(refusalOfAddress(url)).toEqual(expect.any(String));
});
