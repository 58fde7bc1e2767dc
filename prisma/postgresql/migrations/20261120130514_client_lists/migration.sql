-- CreateIndex
CREATE INDEX "client_claimed_name_redirect_hosts_created_at_id_idx" ON "client"("claimed_name", "redirect_hosts", "created_at", "id");

-- CreateIndex
CREATE INDEX "client_created_at_id_idx" ON "client"("created_at", "id");
