-- SPDX-License-Identifier: ISC
-- OpenDKIM's miltertest plays the MTA: an implementation of the protocol that is not ours.
-- miltertest -D socket=unix:PATH -s milter-report.lua
if socket == nil then error("give -D socket=unix:PATH") end
conn = mt.connect(socket, 40, 0.25)
if conn == nil then error("no connection to " .. socket) end

function mail(id, ...)
	mt.macro(conn, SMFIC_MAIL, "i", id)
	mt.mailfrom(conn, "<reporter@example.org>")
	for _, recipient in ipairs({...}) do
		mt.macro(conn, SMFIC_RCPT, "{rcpt_addr}", string.gsub(recipient, "[<>]", ""), "{rcpt_mailer}", "local")
		mt.rcptto(conn, recipient)
	end
	mt.data(conn)
end

function content(text)
	mt.header(conn, "Subject", "hello")
	mt.header(conn, "X-Test-Examine", "good")
	mt.eoh(conn)
	mt.bodystring(conn, text)
	mt.eom(conn)
end

-- neither mt.conninfo() nor mt.helo(): the filter has negotiated them away
-- a report for the mailbox alone
mail("LUA1", "<senim@kmo.kz>")
if mt.getreply(conn) ~= SMFIR_CONTINUE then error("DATA of a report: " .. mt.getreply(conn)) end
content("first\r\n")
if mt.getreply(conn) ~= SMFIR_DISCARD then error("a report is not discarded: " .. mt.getreply(conn)) end

-- mail of others
mail("LUA2", "<other@kmo.kz>")
if mt.getreply(conn) ~= SMFIR_ACCEPT then error("mail of others is not accepted at DATA: " .. mt.getreply(conn)) end
mt.abort(conn)

-- both: ours are removed, the others stay
mail("LUA3", "<Senim+x@kmo.kz>", "<other@kmo.kz>")
content("third\r\n")
if mt.getreply(conn) ~= SMFIR_CONTINUE then error("a mixed message does not go on: " .. mt.getreply(conn)) end
if not mt.eom_check(conn, MT_RCPTDELETE, "<Senim+x@kmo.kz>") then error("our recipient is not removed") end
if mt.eom_check(conn, MT_RCPTDELETE, "<other@kmo.kz>") then error("another's recipient is removed") end

-- given up in the middle, and once more
mail("LUA4", "<senim@kmo.kz>")
mt.header(conn, "Subject", "given up")
mt.abort(conn)
mail("LUA5", "<senim@kmo.kz>")
content("fifth\r\n")
if mt.getreply(conn) ~= SMFIR_DISCARD then error("after an abort a report is not discarded: " .. mt.getreply(conn)) end
mt.disconnect(conn)
